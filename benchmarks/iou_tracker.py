"""The simplest tracker, for comparison: a detection goes on as the track that it overlaps most.

Source: Bochinski, Eiselein and Sikora, "High-Speed Tracking-by-Detection Without Using Image
Information", with a memory added: a track that is not found waits at its last place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.tracking_score import Boxes
from realtime.core.arrays import F32
from realtime.core.geometry import iou

SAME_FACE_IOU = 0.3


@dataclass(slots=True)
class _Known:
    id: int
    box: F32
    seen_s: float


class IouTracker:
    """Numbers the detections of every frame by overlap alone.

    Args:
        remember_s: how long a track that is not found may return; 0 is the original.
    """

    def __init__(self, remember_s: float = 0.0) -> None:
        self._remember_s = remember_s
        self._known: list[_Known] = []
        self._next_id = 1

    def __call__(self, xyxy: F32, now_s: float) -> Boxes:
        """The numbers of the boxes (n, 4) that a detector found in the frame at `now_s`."""
        ids = [0] * len(xyxy)
        if self._known and len(xyxy):
            overlap = iou(xyxy, np.stack([k.box for k in self._known]))
            while overlap.max() >= SAME_FACE_IOU:
                i, j = np.unravel_index(int(overlap.argmax()), overlap.shape)
                known = self._known[int(j)]
                ids[int(i)], known.box, known.seen_s = known.id, xyxy[i], now_s
                overlap[i], overlap[:, j] = 0, 0
        for i in np.flatnonzero(np.array(ids) == 0):
            ids[i], self._next_id = self._next_id, self._next_id + 1
            self._known.append(_Known(ids[i], xyxy[i], now_s))
        self._known = [k for k in self._known if now_s - k.seen_s <= self._remember_s]
        return Boxes(ids, xyxy)
