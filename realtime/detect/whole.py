"""A detector that looks for faces of all sizes by itself, on a whole still picture."""

from __future__ import annotations

import cv2
import numpy as np

from realtime.detect.types import Detector
from realtime.faces import Faces, Frame

LIMIT_PX = 1600  # their time and memory grow with the picture's area; crowds fit into this


def detect_whole(
    detector: Detector, frame_bgr: Frame, *, min_score: float, limit_px: int = LIMIT_PX
) -> Faces:
    """The faces on the picture, shrunk first if its longer side is above the limit."""
    height, width = frame_bgr.shape[:2]
    scale = limit_px / max(height, width)
    if scale >= 1:
        return detector.detect(frame_bgr, min_score=min_score)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = np.asarray(cv2.resize(frame_bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
    faces = detector.detect(small, min_score=min_score)
    # Each side by its own factor: rounding has changed the proportions a little.
    x_y = np.array([width / size[0], height / size[1]], np.float32)
    faces = faces.with_(xyxy=faces.xyxy * np.tile(x_y, 2))
    if faces.keypoints is None:
        return faces
    return faces.with_(keypoints=faces.keypoints * x_y)
