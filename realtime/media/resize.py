"""Resizing of pictures."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.faces import Frame


def fit_within(frame_bgr: Frame, max_side_px: int) -> Frame:
    """Scale a picture down so that its longer side is at most `max_side_px`.

    Args:
        frame_bgr: (h, w, 3) uint8.
        max_side_px: maximum width and height in pixels.

    Returns:
        The resized picture, or `frame_bgr` itself if it already fits.
    """
    height, width = frame_bgr.shape[:2]
    scale = max_side_px / max(height, width)
    if scale >= 1:
        return frame_bgr
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
