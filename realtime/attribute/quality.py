"""How well a face can be classified: its size, its yaw and the sharpness of its crop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.core.landmarks import Landmarks
from realtime.landmark.region import boxes_from_landmarks

FLAT = 4.0  # gray levels: keeps the sharpness of a uniform crop finite


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How well each of n faces can be classified.

    Attributes:
        side_px: (n,) see `side_px`.
        yaw_deg: (n,) see `yaw_deg`.
        sharpness: (n,) of the classifier's crop, see `sharpness`.
    """

    side_px: F32
    yaw_deg: F32
    sharpness: F32


def side_px(landmarks: Landmarks) -> F32:
    """The shorter side of the box around each face's landmarks, in pixels: (n,)."""
    boxes = boxes_from_landmarks(landmarks)
    sides: F32 = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf)
    return sides


def yaw_deg(landmarks: Landmarks) -> F32:
    """How far each face is turned to the side, from the depth of the eyes' outer corners: (n,).

    Returns:
        Degrees, -90 to 90; 0 looks at the camera, positive is turned to the person's left. NaN for
        landmarks without depth.
    """
    if not landmarks.has_depth:
        return np.full(len(landmarks), np.nan, np.float32)
    corners = landmarks.eye_corners()
    span = corners[:, 1] - corners[:, 0]
    width = np.hypot(span[:, 0], span[:, 1])
    yaw: F32 = np.degrees(np.arctan2(span[:, 2], width)).astype(np.float32)
    return yaw


def sharpness(crops: NDArray[np.uint8]) -> F32:
    """Fine detail over contrast of crops (n, s, s, 1 or 3): (n,), near 0 for a blurred face.

    The standard deviation of the Laplacian over that of the crop: light and contrast cancel out,
    while blur, and upscaling a small face to the crop's size, lower it.
    """
    values = np.empty(len(crops), np.float32)
    for i, crop in enumerate(crops):
        gray = crop if crop.shape[2] == 1 else cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
        detail = cv2.Laplacian(gray, cv2.CV_32F)
        values[i] = _spread(detail) / (_spread(gray) + FLAT)
    return values


def _spread(values: NDArray[Any]) -> float:
    """The standard deviation, in a third of NumPy's time for this few values."""
    return float(cv2.meanStdDev(values)[1][0, 0])
