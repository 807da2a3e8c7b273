"""dlib's 68 points a face: the shape predictor that we trained, or one of the user's own.

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
from realtime.core.faces import F32, Frame
from realtime.landmark.region import region_matrices
from realtime.landmark.shape_model import ShapeModel
from realtime.landmark.types import LandmarkFileError

POINTS = 68
RIGHT_EYE_OUTER, LEFT_EYE_OUTER = 36, 45  # right and left as the person's own
NAME, FILE = "landmarks68", "model.npz"
SIDE = 128  # pixels of the crop; dlib gives whole ones, but at 224 the points are no nearer
_CORNERS = np.array([[0, SIDE, 0, SIDE], [0, 0, SIDE, SIDE], [1, 1, 1, 1]], np.float32)
_GRAY = cv2.COLOR_BGR2GRAY
MARGIN = 1.25  # side of the crop over the side of the box in it


@dataclass(frozen=True, slots=True)
class Framing:
    """The box about which a shape predictor expects a face, as a part of the face's region.

    Attributes:
        side: side of the square box over the side of the region.
        down: how far its centre lies below that of the region, in sides of the region.
    """

    side: float
    down: float


# Medians over landmarks_300w train, of the box about the points and of the box that dlib's own face
# detector gives, by which the well-known shape_predictor_68_face_landmarks.dat was trained; both
# from the regions of the mesh:
# `python -m training landmarks --steps measure` prints the latter.
OURS = Framing(0.59, 0.068)
DLIBS = Framing(0.643, 0.009)


class Dlib68:
    """68 points by regression trees; may be used by several threads.

    Args:
        file: a `.dat` file of dlib's format in the place of our own model.

    Raises:
        LandmarkFileError: the user's file is missing, damaged, or has other points than 68.
        models.ModelError: our own model is missing or damaged.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._predictor = shipped_predictor() if file is None else users_predictor(file)
        self._framing = OURS if file is None else DLIBS

    def warm_up(self, faces: int) -> None:
        """Nothing is to be made ready."""

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[F32, None]:
        """Landmarks (n, 68, 2) in pixels of the frame; whether there is a face it cannot tell."""
        matrices = crop_matrices(regions, self._framing)
        landmarks = np.empty((len(regions), POINTS, 2), np.float32)
        for matrix, out in zip(matrices, landmarks, strict=True):
            points = predict(self._predictor, cut(frame_bgr, matrix))
            out[:] = points @ matrix[:, :2].T + matrix[:, 2]
        return landmarks, None


def regions_about(landmarks: F32) -> F32:
    """Regions (n, 4) from 68 points (n, 68, 2), turned by the eyes: for another look at a face.

    They are framed as those of the mesh are, so that either may be shown to either landmarker.
    """
    eyes = landmarks[:, LEFT_EYE_OUTER] - landmarks[:, RIGHT_EYE_OUTER]
    angle = np.arctan2(eyes[:, 1], eyes[:, 0])
    upright = _turned(landmarks, -angle)
    low, high = upright.min(axis=1), upright.max(axis=1)
    side = (high - low).max(axis=1, initial=0) / OURS.side
    centre = (low + high) / 2
    centre[:, 1] -= OURS.down * side
    return np.column_stack([_turned(centre[:, None], angle)[:, 0], side, angle]).astype(np.float32)


def regions_from_point_boxes(xyxy: F32) -> F32:
    """Upright regions (n, 4) from boxes about the points, (n, 4)."""
    side = (xyxy[:, 2:] - xyxy[:, :2]).max(axis=1, initial=0) / OURS.side
    centre = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    centre[:, 1] -= OURS.down * side
    return np.column_stack([centre, side, np.zeros(len(xyxy))]).astype(np.float32)


def _turned(points: F32, angle: F32) -> F32:
    """(n, k, 2) points turned clockwise about the origin, by one angle a face."""
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    x, y = points[..., 0], points[..., 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=2)


def crop_matrices(regions: F32, framing: Framing = OURS) -> F32:
    """(n, 2, 3) maps from pixels of the crop that is shown to a predictor to those of the frame."""
    boxes = regions.copy()
    down = framing.down * regions[:, 2]
    boxes[:, 0] -= np.sin(regions[:, 3]) * down
    boxes[:, 1] += np.cos(regions[:, 3]) * down
    boxes[:, 2] *= framing.side * MARGIN
    return region_matrices(boxes, SIDE)


def cut(frame_bgr: Frame, matrix: F32) -> Frame:
    """One gray crop, (SIDE, SIDE)."""
    # Gray first, of no more than the crop shows: a third of the work of turning three colours.
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
    """The rectangle of dlib about the face in every crop."""
    import dlib

    edge = round(SIDE * (1 - 1 / MARGIN) / 2)
    return dlib.rectangle(edge, edge, SIDE - 1 - edge, SIDE - 1 - edge)


def predict(predictor: Any, crop: Frame) -> F32:
    """The points in one gray crop: (68, 2) float32, pixels of the crop."""
    parts = predictor(crop, box_in_crop()).parts()
    return np.array([(part.x, part.y) for part in parts], np.float32)


def predictor_of(model: ShapeModel) -> Any:
    """The predictor of dlib with these trees."""
    import dlib

    predictor = dlib.shape_predictor.__new__(dlib.shape_predictor)
    predictor.__setstate__((model.dlib_bytes(),))
    return predictor


def shipped_predictor() -> Any:
    """Our own predictor, its file checked against its card.

    Raises:
        models.ModelError: it is missing or damaged.
    """
    return predictor_of(ShapeModel.read(models.load(NAME, file=FILE).path))


def users_predictor(path: Path) -> Any:
    """A predictor from a file of dlib's own format.

    Raises:
        LandmarkFileError: the file is missing, damaged, or has other points than 68.
    """
    import dlib

    if not path.is_file():
        raise LandmarkFileError(f"There is no landmark file {path}.")
    try:
        predictor = dlib.shape_predictor(str(path))
        found = predictor(np.zeros((SIDE, SIDE), np.uint8), box_in_crop()).num_parts
    except RuntimeError:
        raise LandmarkFileError(
            f"{path} is no shape predictor of dlib's, or it is damaged: choose another file."
        ) from None
    if found != POINTS:
        raise LandmarkFileError(
            f"{path} finds {found} points, not {POINTS}: choose a predictor of 68 points, such as "
            "shape_predictor_68_face_landmarks.dat."
        )
    return predictor
