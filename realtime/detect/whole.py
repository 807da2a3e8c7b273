"""Run a multi-scale detector on a whole photo, scaled down if it is large."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import Faces, Frame
from realtime.detect.types import Detector
from realtime.media.resize import fit_within


def detect_whole(
    detector: Detector, frame_bgr: Frame, *, min_score: float, max_side_px: int
) -> Faces:
    """Detect faces on the whole picture.

    Args:
        detector: a detector that finds faces of all sizes by itself.
        frame_bgr: (h, w, 3) uint8.
        min_score: confidence threshold, 0 to 1.
        max_side_px: pictures with a longer side above this are scaled down first.

    Returns:
        The faces, best score first, in pixels of the original picture.
    """
    small = fit_within(frame_bgr, max_side_px)
    faces = detector.detect(small, min_score=min_score)
    if small is frame_bgr:
        return faces
    # Scale x and y separately, because rounding changed the aspect ratio slightly.
    scale = np.array(frame_bgr.shape[1::-1], np.float32) / np.array(small.shape[1::-1], np.float32)
    faces = faces.with_(xyxy=faces.xyxy * np.tile(scale, 2))
    if faces.keypoints is None:
        return faces
    return faces.with_(keypoints=faces.keypoints * scale)
