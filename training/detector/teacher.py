"""Faces that a strong public detector finds where the annotators drew no box.

`teacher_faces.csv` in the data folder. Taught as background, unlabelled faces cost recall.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.core.geometry import iou
from training.data import DataError

FILE = "teacher_faces.csv"
MIN_SCORE = 0.45  # of the faces that are learned; less certain ones are ignored
MAX_IOU = 0.35  # with an annotated box; above this it is the same face
MIN_SAME_IOU = 0.5  # with an annotated box, to lend it the key points
_EYES_NOSE_MOUTH = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
_COLUMNS = ("x0", "y0", "x1", "y1", "score", *(f"{p}_{a}" for p in _EYES_NOSE_MOUTH for a in "xy"))


@dataclass(frozen=True, slots=True, eq=False)
class TeacherFaces:
    """What the teacher finds in one picture, in its pixels.

    Attributes:
        xyxy: (n, 4) float32 boxes.
        score: (n,) float32, 0.25 to 1.
        points: (n, 5, 2) float32 key points, the person's right eye first.
    """

    xyxy: F32
    score: F32
    points: F32

    def missing_from(self, boxes: F32) -> NDArray[np.bool_]:
        """Which of these faces (n,) none of `boxes` (m, 4) covers."""
        if not len(boxes):
            return np.ones(len(self.xyxy), bool)
        overlap = iou(self.xyxy, boxes).max(axis=1, initial=0.0)
        centre = (self.xyxy[:, :2] + self.xyxy[:, 2:])[:, None] / 2
        inside = np.any(((centre >= boxes[:, :2]) & (centre <= boxes[:, 2:])).all(axis=2), axis=1)
        missing: NDArray[np.bool_] = (overlap < MAX_IOU) & ~inside
        return missing

    def points_for(self, boxes: F32) -> F32:
        """Key points (m, 5, 2) of `boxes` (m, 4); NaN where the teacher found no such face."""
        points = np.full((len(boxes), 5, 2), np.nan, np.float32)
        if len(boxes) and len(self.xyxy):
            overlap = iou(boxes, self.xyxy)
            same = overlap.max(axis=1) >= MIN_SAME_IOU
            points[same] = self.points[overlap.argmax(axis=1)[same]]
        return points


NOTHING = TeacherFaces(
    np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32)
)


def read_teacher(data: Path, name: str) -> Mapping[str, TeacherFaces]:
    """The teacher's faces by path of the picture in the set `name`; empty without the file.

    Raises:
        DataError: the file lacks a column.
    """
    path = data / FILE
    if not path.is_file():
        return {}
    rows: dict[str, list[list[float]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        missing = {"set", "path", *_COLUMNS} - set(reader.fieldnames or ())
        if missing:
            raise DataError(f"{path} has no column {', '.join(sorted(missing))}.")
        for row in reader:
            if row["set"] == name:
                rows.setdefault(row["path"], []).append([float(row[c]) for c in _COLUMNS])
    tables = {key: np.array(values, np.float32) for key, values in rows.items()}
    return {
        key: TeacherFaces(t[:, :4], t[:, 4], t[:, 5:].reshape(-1, 5, 2))
        for key, t in tables.items()
    }
