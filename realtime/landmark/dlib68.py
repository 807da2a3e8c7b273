"""dlib's 68 points per face: the shape predictor that we trained, or the user's own.

One Millisecond Face Alignment with an Ensemble of Regression Trees,
https://doi.org/10.1109/CVPR.2014.241.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

import models
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import POINTS68, Landmarks
from realtime.landmark.region import region_matrices
from realtime.landmark.shape_model import ShapeModel
from realtime.landmark.types import LandmarkFileError

NAME, FILE = "landmarks68", "model.npz"
SIDE = 128  # pixels of the crop; dlib returns integers, but 224 is no more accurate
_CORNERS = np.array([[0, SIDE, 0, SIDE], [0, 0, SIDE, SIDE], [1, 1, 1, 1]], np.float32)
_GRAY = cv2.COLOR_BGR2GRAY
MARGIN = 1.25  # side of the crop over the side of the box in it


@dataclass(frozen=True, slots=True)
class Framing:
    """The box in which a shape predictor expects a face, relative to the face's region.

    Attributes:
        side: side of the square box over the side of the region.
        down: how far its centre is below that of the region, in sides of the region.
    """

    side: float
    down: float


# Medians over landmarks_300w train, relative to the regions of the mesh: the box around the points,
# and the box of dlib's own face detector, with which the well-known
# shape_predictor_68_face_landmarks.dat was trained. `python -m training landmarks --steps measure`
# prints the latter.
OURS = Framing(0.59, 0.068)
DLIB = Framing(0.643, 0.009)


class Dlib68:
    """68 points by regression trees; may be used by several threads.

    Args:
        file: a `.dat` file of dlib's format in the place of our own model.

    Attributes:
        topology: `POINTS68`.

    Raises:
        LandmarkFileError: the user's file is missing, damaged, or does not have 68 points.
        models.ModelError: our own model is missing or damaged.
    """

    topology = POINTS68

    def __init__(self, file: Path | None = None) -> None:
        self._predictor = shipped_predictor() if file is None else custom_predictor(file)
        self._framing = OURS if file is None else DLIB

    def warm_up(self, faces: int) -> None:
        """Nothing to prepare."""

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, None]:
        """The landmarks in pixels of the frame; no presence, which the trees cannot estimate."""
        matrices = crop_matrices(regions, self._framing)
        landmarks = np.empty((len(regions), POINTS68.count, 2), np.float32)
        for matrix, out in zip(matrices, landmarks, strict=True):
            points = predict(self._predictor, cut(frame_bgr, matrix))
            out[:] = points @ matrix[:, :2].T + matrix[:, 2]
        return Landmarks(POINTS68, landmarks), None


def regions_from_points(landmarks: F32) -> F32:
    """Regions (n, 4) from 68 points (n, 68, 2), rotated by the eyes, to run a landmarker again.

    They are framed like those of the mesh, so that either landmarker can use them.
    """
    marks = POINTS68.measured
    eyes = landmarks[:, marks.left_eye[3]] - landmarks[:, marks.right_eye[0]]
    angle = np.arctan2(eyes[:, 1], eyes[:, 0])
    upright = _rotated(landmarks, -angle)
    low, high = upright.min(axis=1), upright.max(axis=1)
    side = (high - low).max(axis=1, initial=0) / OURS.side
    centre = (low + high) / 2
    centre[:, 1] -= OURS.down * side
    return np.column_stack([_rotated(centre[:, None], angle)[:, 0], side, angle]).astype(np.float32)


def regions_from_point_boxes(xyxy: F32) -> F32:
    """Upright regions (n, 4) from boxes around the points, (n, 4)."""
    side = (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, initial=0) / OURS.side
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    centre[:, 1] -= OURS.down * side
    return np.column_stack([centre, side, np.zeros(len(xyxy))]).astype(np.float32)


def _rotated(points: F32, angle: F32) -> F32:
    """(n, k, 2) points rotated clockwise around the origin, by one angle per face."""
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = points[..., 0], points[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)


def crop_matrices(regions: F32, framing: Framing = OURS) -> F32:
    """(n, 2, 3) maps from pixels of the predictor's crop to pixels of the frame."""
    boxes = regions.copy()
    down = framing.down * regions[:, 2]
    boxes[:, 0] -= np.sin(regions[:, 3]) * down
    boxes[:, 1] += np.cos(regions[:, 3]) * down
    boxes[:, 2] *= framing.side * MARGIN
    return region_matrices(boxes, SIDE)


def cut(frame_bgr: Frame, matrix: F32) -> Frame:
    """One gray crop, (SIDE, SIDE)."""
    # Convert to gray only what the crop shows: a third of the work of warping three channels.
    height, width = frame_bgr.shape[:2]
    corners = matrix @ _CORNERS
    left, top = np.clip(np.floor(corners.min(axis=1)) - 1, 0, (width - 1, height - 1)).astype(int)
    right, bottom = np.clip(np.ceil(corners.max(axis=1)) + 2, 1, (width, height)).astype(int)
    gray = cv2.cvtColor(frame_bgr[top : max(bottom, top + 1), left : max(right, left + 1)], _GRAY)
    within = matrix.copy()
    within[:, 2] -= (left, top)
    crop = cv2.warpAffine(
        gray,
        within,
        (SIDE, SIDE),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(crop, np.uint8)


@cache
def box_in_crop() -> Any:
    """Dlib's rectangle around the face, the same in every crop."""
    import dlib

    edge = round(SIDE * (1 - 1 / MARGIN) / 2)
    return dlib.rectangle(edge, edge, SIDE - 1 - edge, SIDE - 1 - edge)


def predict(predictor: Any, crop: Frame) -> F32:
    """The points in one gray crop: (68, 2) float32, pixels of the crop."""
    parts = predictor(crop, box_in_crop()).parts()
    return np.array([(part.x, part.y) for part in parts], np.float32)


def predictor_of(model: ShapeModel) -> Any:
    """A dlib predictor with these trees."""
    import dlib

    predictor = dlib.shape_predictor.__new__(dlib.shape_predictor)
    predictor.__setstate__((model.dlib_bytes(),))
    return predictor


def shipped_predictor() -> Any:
    """Our own predictor, its file verified against its card.

    Raises:
        models.ModelError: it is missing or damaged.
    """
    return predictor_of(ShapeModel.read(models.load(NAME, file=FILE).path))


def custom_predictor(path: Path) -> Any:
    """A predictor from a file in dlib's own format.

    Raises:
        LandmarkFileError: the file is missing, damaged, or does not have 68 points.
    """
    import dlib

    if not path.is_file():
        raise LandmarkFileError(f"There is no landmark file {path}.")
    try:
        predictor = dlib.shape_predictor(str(path))
        found = predictor(np.zeros((SIDE, SIDE), np.uint8), box_in_crop()).num_parts
    except RuntimeError:
        raise LandmarkFileError(
            f"{path} is not a dlib shape predictor, or it is damaged: choose another file."
        ) from None
    if found != POINTS68.count:
        raise LandmarkFileError(
            f"{path} finds {found} points, not {POINTS68.count}: choose a predictor of 68 points, "
            "such as shape_predictor_68_face_landmarks.dat."
        )
    return predictor
