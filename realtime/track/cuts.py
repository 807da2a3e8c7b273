"""Finds cuts: where a video goes on with another scene, no track goes on."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame

Gray = NDArray[np.uint8]
THUMBNAIL_WH = (16, 12)
# Both must hold. On eleven clips the pictures of a scene differ by at most 18 gray levels, even in
# a fast turn of the head, and those of two scenes by at least 29, with a likeness of at most 0.48.
MIN_CHANGE = 25.0  # mean difference in gray levels, 0 to 255
MAX_LIKENESS = 0.5  # correlation of the details, -1 to 1
DETAIL_SIGMA = 2.0  # coarser than details, in pixels of the thumbnail


class CutDetector:
    """Compares small gray thumbnails of consecutive frames."""

    def __init__(self) -> None:
        self._last: Gray | None = None

    def __call__(self, frame_bgr: Frame) -> bool:
        """Whether a new scene begins with this frame (h, w, 3); False for the first frame."""
        before, self._last = self._last, thumbnail(frame_bgr)
        if before is None or cv2.norm(before, self._last, cv2.NORM_L1) < MIN_CHANGE * before.size:
            return False
        a, b = _details(before), _details(self._last)
        scale = float(np.sqrt((a * a).sum() * (b * b).sum()))
        return scale == 0 or float((a * b).sum()) < MAX_LIKENESS * scale


def thumbnail(frame_bgr: Frame) -> Gray:
    """The picture's green channel, (12, 16) uint8."""
    # Every few pixels are enough, and many times faster than all.
    step = max(1, min(frame_bgr.shape[:2]) // 48)
    green = np.ascontiguousarray(frame_bgr[::step, ::step, 1])
    return np.asarray(cv2.resize(green, THUMBNAIL_WH, interpolation=cv2.INTER_AREA), np.uint8)


def _details(thumbnail: Gray) -> F32:
    """The thumbnail without the coarse light and shade that many pictures have in common."""
    gray = thumbnail.astype(np.float32)
    details: F32 = gray - cv2.GaussianBlur(gray, (0, 0), DETAIL_SIGMA)
    return details
