"""Faces cut out of pictures, and pictures as files."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.core.arrays import F32, Frame
from realtime.core.faces import Faces

CROP_MARGIN = 0.3  # of the box's longer side, so that a crop shows hair and chin
JPEG_QUALITY = 92
WEBP_QUALITY = 80


def face_crop(frame_bgr: Frame, xyxy: F32, *, margin: float = CROP_MARGIN) -> Frame:
    """The part of the picture around one box (4,), with a margin; at least one pixel."""
    height, width = frame_bgr.shape[:2]
    x0, y0, x1, y1 = (float(v) for v in xyxy)
    room = margin * max(x1 - x0, y1 - y0)
    left = min(max(0, round(x0 - room)), width - 1)
    top = min(max(0, round(y0 - room)), height - 1)
    right = max(left + 1, min(width, round(x1 + room)))
    bottom = max(top + 1, min(height, round(y1 + room)))
    return frame_bgr[top:bottom, left:right]


def numbered(faces: Faces) -> Faces:
    """The faces of a photo with track numbers from 1 in their order, for captions."""
    return faces.with_(track_id=np.arange(1, len(faces) + 1, dtype=np.int64))


def encode(frame_bgr: Frame, suffix: str) -> bytes:
    """The picture as the bytes of a file: ".png", ".jpg" at high quality, or small ".webp".

    Raises:
        ValueError: OpenCV cannot write such a file.
    """
    quality = {
        ".jpg": [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY],
        ".webp": [cv2.IMWRITE_WEBP_QUALITY, WEBP_QUALITY],
    }
    done, data = cv2.imencode(suffix, frame_bgr, quality.get(suffix, []))
    if not done:
        raise ValueError(f"This picture cannot be written as {suffix}.")
    return data.tobytes()
