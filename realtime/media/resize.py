"""Pictures made smaller, for detectors and for pages."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.faces import Frame


def within(picture: Frame, side_px: int) -> Frame:
    """The picture with a longer side of at most so many pixels; itself where it is small enough."""
    height, width = picture.shape[:2]
    scale = side_px / max(height, width)
    if scale >= 1:
        return picture
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
