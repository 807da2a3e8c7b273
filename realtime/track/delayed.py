"""Detections that arrive some frames after their picture."""

from __future__ import annotations

import numpy as np

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.geometry import iou
from realtime.track.tracker import SAME_FACE_IOU


def moved_on(detected: Faces, before: F32, now: F32) -> Faces:
    """Move detections on as far as the followed faces moved meanwhile.

    Args:
        detected: n faces in an earlier picture.
        before: (m, 4) boxes of the followed faces in that picture.
        now: (m, 4) where they are now.

    Returns:
        The same faces; those that are not followed stay where they were.
    """
    if not len(detected) or not len(before):
        return detected
    overlap = iou(detected.xyxy, before)
    way = (now - before).reshape(-1, 2, 2).mean(axis=1)[overlap.argmax(axis=1)]
    way[overlap.max(axis=1) < SAME_FACE_IOU] = 0
    points = detected.keypoints
    return detected.with_(
        xyxy=detected.xyxy + np.tile(way, 2),
        keypoints=None if points is None else points + way[:, None],
    )
