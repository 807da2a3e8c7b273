"""A detector that looks for faces of all sizes by itself, on a whole still picture."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import Faces, Frame
from realtime.detect.types import Detector
from realtime.media.resize import fit_within

LIMIT_PX = 1600  # their time and memory grow with the picture's area; crowds fit into this


def detect_whole(
    detector: Detector, frame_bgr: Frame, *, min_score: float, limit_px: int = LIMIT_PX
) -> Faces:
    """The faces on the picture, shrunk first if its longer side is above the limit."""
    small = fit_within(frame_bgr, limit_px)
    faces = detector.detect(small, min_score=min_score)
    if small is frame_bgr:
        return faces
    # Each side by its own factor: rounding has changed the proportions a little.
    x_y = np.array(frame_bgr.shape[1::-1], np.float32) / np.array(small.shape[1::-1], np.float32)
    faces = faces.with_(xyxy=faces.xyxy * np.tile(x_y, 2))
    if faces.keypoints is None:
        return faces
    return faces.with_(keypoints=faces.keypoints * x_y)
