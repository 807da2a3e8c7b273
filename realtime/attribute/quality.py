"""How well a face can be read: its size, how far it is turned away, how sharp its crop is."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.region import (
    LEFT_EYE_OUTER,
    RIGHT_EYE_OUTER,
    boxes_from_landmarks,
)

FLAT = 4.0  # gray levels: keeps a plain crop's sharpness finite


def side_px(landmarks: F32) -> F32:
    """The shorter side of the box about each face's landmarks (n, k, 2 or 3), in pixels: (n,)."""
    boxes = boxes_from_landmarks(landmarks)
    sides: F32 = (boxes[:, 2:] - boxes[:, :2]).min(axis=1, initial=np.inf)
    return sides


def yaw_deg(landmarks: F32) -> F32:
    """How far each face is turned to the side, from the depth of the eyes' outer corners: (n,).

    Args:
        landmarks: (n, 468, 3) of the mesh, whose depths have the scale of its pixels.

    Returns:
        Degrees, -90 to 90; 0 looks at the camera, positive is turned to the person's left.
    """
    span = landmarks[:, LEFT_EYE_OUTER] - landmarks[:, RIGHT_EYE_OUTER]
    width = np.hypot(span[:, 0], span[:, 1])
    yaw: F32 = np.degrees(np.arctan2(span[:, 2], width)).astype(np.float32)
    return yaw


def sharpness(crops: NDArray[np.uint8]) -> F32:
    """Fine detail over contrast of crops (n, s, s, 1 or 3): (n,), near 0 for a blurred face.

    The spread of the Laplacian over that of the picture itself: light and contrast cancel, while
    blur, and the enlarging of a small face to the crop's size, lower it.
    """
    values = np.empty(len(crops), np.float32)
    for i, crop in enumerate(crops):
        gray = crop if crop.shape[2] == 1 else cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
        detail = cv2.Laplacian(gray, cv2.CV_32F)
        values[i] = _spread(detail) / (_spread(gray) + FLAT)
    return values


def _spread(values: NDArray[Any]) -> float:
    """The standard deviation, in a third of the time that NumPy takes for so few values."""
    return float(cv2.meanStdDev(values)[1][0, 0])
