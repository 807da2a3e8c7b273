"""Faces with 68 labelled points, from landmarks_300w.zip."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from realtime.core.faces import F32, Frame
from realtime.core.landmarks import POINTS68
from training.data import Archive, DataError
from training.folders import thinned

SPLITS = ("train", "test")
# Index of each point before mirroring: jaw, brows, nose, eyes, lips.
MIRROR = np.array(
    [
        *range(16, -1, -1),
        *range(26, 16, -1),
        *(27, 28, 29, 30, 35, 34, 33, 32, 31),
        *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
        *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
        *(64, 63, 62, 61, 60, 67, 66, 65),
    ]
)
_GRAY = (110, 110, 110)


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFace:
    """A picture and the 68 points of the one face labelled in it.

    Attributes:
        picture: (h, w, 3) uint8 BGR.
        points: (68, 2) float32 pixels, x before y.
        subset: the part of 300-W that the picture comes from, such as "helen".
    """

    picture: Frame
    points: F32
    subset: str = ""

    @property
    def box(self) -> F32:
        """The axis-aligned bounding box of the points: (4,) xyxy."""
        return np.concatenate([self.points.min(axis=0), self.points.max(axis=0)])

    @property
    def eye_distance_px(self) -> float:
        """Distance of the outer eye corners, by which errors are normalised."""
        marks = POINTS68.measured
        span = self.points[marks.left_eye[3]] - self.points[marks.right_eye[0]]
        return float(np.hypot(*span))

    def padded(self, share: float) -> LabelledFace:
        """The face with a gray border of `share` times the longer side of the picture.

        The pictures are cropped too tightly for face detectors.
        """
        edge = round(share * max(self.picture.shape[:2]))
        sides = (edge, edge, edge, edge)
        picture = cv2.copyMakeBorder(self.picture, *sides, cv2.BORDER_CONSTANT, value=_GRAY)
        return replace(
            self, picture=np.asarray(picture, np.uint8), points=self.points + np.float32(edge)
        )

    def mirrored(self) -> LabelledFace:
        """The mirrored face, with its points in the standard order."""
        flipped = self.points[MIRROR].copy()
        flipped[:, 0] = self.picture.shape[1] - 1 - flipped[:, 0]
        return replace(self, picture=np.ascontiguousarray(self.picture[:, ::-1]), points=flipped)


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Labelled faces and their detected regions.

    Attributes:
        faces: n labelled faces.
        regions: by source, see `training.landmarks.regions.detect_regions`.
    """

    faces: list[LabelledFace]
    regions: dict[str, F32]

    @property
    def points(self) -> F32:
        """(n, 68, 2) labelled points."""
        return np.stack([face.points for face in self.faces])


def read_faces(data: Path, split: str, *, limit: int | None = None) -> list[LabelledFace]:
    """Read the faces of one split.

    Args:
        data: the folder of zipped sets.
        split: one of `SPLITS`.
        limit: maximum number of faces, evenly spaced over the split.

    Raises:
        DataError: the set is missing, has no faces of this split, or lacks columns.
    """
    columns = ["path", *(f"{axis}{i}" for i in range(POINTS68.count) for axis in "xy")]
    with Archive(data, "landmarks_300w") as archive:
        rows = [
            r for r in archive.table("points.csv", columns) if r["path"].startswith(f"{split}/")
        ]
        if not rows:
            raise DataError(f"landmarks_300w.zip has no faces in {split}/.")
        picked = [rows[i] for i in np.arange(len(rows))[thinned(len(rows), limit)]]
        return [
            LabelledFace(
                archive.picture(row["path"]),
                np.array([row[c] for c in columns[1:]], np.float32).reshape(POINTS68.count, 2),
                subset=Path(row["path"]).parent.name,
            )
            for row in picked
        ]
