"""What another detector says of faces that one detector has proposed."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32, Faces, Frame
from realtime.detect.types import Detector

AROUND = 1.25  # half the crop's side over the face's longer side
LEAST_SCORE = 0.05
LEAST_CROP_PX = 4


def second_opinion(detector: Detector, frame_bgr: Frame, faces: Faces) -> F32:
    """How sure another detector is of each face, shown to it large and alone.

    Two networks seldom mistake the same thing for a face, above all when one sees it at a glance
    and the other close up.

    Returns:
        (n,) scores from 0 to 1; 0 where it sees no face at that place.
    """
    scores = np.zeros(len(faces), np.float32)
    for i, (x0, y0, x1, y1) in enumerate(faces.xyxy):
        centre = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
        size = max(x1 - x0, y1 - y0)
        left, top = np.maximum(np.rint(centre - AROUND * size), 0).astype(int)
        right, bottom = np.maximum(np.rint(centre + AROUND * size), 0).astype(int)
        crop = frame_bgr[top:bottom, left:right]
        if min(crop.shape[:2]) < LEAST_CROP_PX:
            continue
        found = detector.detect(crop, min_score=LEAST_SCORE)
        middle = (found.xyxy[:, :2] + found.xyxy[:, 2:]) / 2 + [left, top]
        here = np.abs(middle - centre).max(axis=1, initial=0) < size / 2
        scores[i] = found.score[here].max(initial=0)
    return scores
