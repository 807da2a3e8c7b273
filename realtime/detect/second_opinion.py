"""Verify faces that one detector proposed with another detector."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32, Faces, Frame
from realtime.detect.types import Detector

CROP_SCALE = 2.5  # the crop's side over the face's longer side
MIN_SCORE = 0.05
MIN_CROP_PX = 4


def second_opinion(detector: Detector, frame_bgr: Frame, faces: Faces) -> F32:
    """Run another detector on an enlarged crop of each face and return its scores.

    Two networks rarely share a false positive, above all when one sees the place as part of the
    whole picture and the other in close-up.

    Args:
        detector: the second detector.
        frame_bgr: (h, w, 3) uint8.
        faces: n faces proposed by the first detector.

    Returns:
        (n,) scores from 0 to 1; 0 where the second detector finds no face at that place.
    """
    scores = np.zeros(len(faces), np.float32)
    for i, (x0, y0, x1, y1) in enumerate(faces.xyxy):
        centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        size = max(x1 - x0, y1 - y0)
        left, top = np.maximum(np.rint(centre - CROP_SCALE / 2 * size), 0).astype(int)
        right, bottom = np.maximum(np.rint(centre + CROP_SCALE / 2 * size), 0).astype(int)
        crop = frame_bgr[top:bottom, left:right]
        if min(crop.shape[:2]) < MIN_CROP_PX:
            continue
        detected = detector.detect(crop, min_score=MIN_SCORE)
        centres = (detected.xyxy[:, :2] + detected.xyxy[:, 2:]) / 2 + [left, top]
        at_face = np.abs(centres - centre).max(axis=1, initial=0) < size / 2
        scores[i] = detected.score[at_face].max(initial=0)
    return scores
