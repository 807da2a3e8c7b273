"""Tracks that were lost a moment ago: a face that appears where one is expected is that face.

Only place, motion and size count, never what a face looks like: nobody is recognised.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from realtime.core.arrays import F32
from realtime.core.geometry import square_sides
from realtime.track.assign import best_pairs
from realtime.track.track import Track

REMEMBER_S = 1.5  # how long a lost face may return under its number
FAR = 1.0  # face sizes between the expected place and the face
LARGER = 2.0  # and how many times larger or smaller it may be
UNCERTAIN = 0.25  # weight of the distance to the end of the way: it may have stopped before


class LostTracks:
    """Remembers the tracks that were shown, until they return or are forgotten."""

    def __init__(self) -> None:
        self._tracks: list[Track] = []

    def __len__(self) -> int:
        return len(self._tracks)

    def add(self, tracks: Sequence[Track]) -> None:
        """Remember those of the tracks that have a number."""
        self._tracks += [track for track in tracks if track.id]

    def give_back(self, tracks: Sequence[Track], fading: Sequence[Track], now_s: float) -> None:
        """Let each new track continue the lost or fading one that it fits best, if any does."""
        known = [t for t in self._tracks if now_s - t.seen_s <= REMEMBER_S]
        candidates = [*known, *fading]
        fit = [[_fit(lost, track.box, now_s) for lost in candidates] for track in tracks]
        for i, j in best_pairs(np.array(fit, np.float32)):
            tracks[i].continue_(candidates[j])
        self._tracks = [t for t in known if not t.replaced]


def _fit(lost: Track, box: F32, now_s: float) -> float:
    """How well a box (4,) fits the lost track; 0 where it is too far away or of another size.

    The face may have stopped anywhere on its way, so the nearest point of the way counts.
    """
    start, end, centre = (_centre(b) for b in (lost.motion.box, lost.motion.box_at(now_s), box))
    way = end - start
    length = float(way @ way)
    share = min(max(float((centre - start) @ way) / length, 0.0), 1.0) if length else 0.0
    sizes = square_sides(np.stack([lost.motion.box, box])).tolist()
    far = math.dist(centre, start + share * way) / max(sizes)
    ratio = max(sizes) / min(sizes)
    if far >= FAR or ratio >= LARGER:
        return 0.0
    misfit = far + UNCERTAIN * math.dist(centre, end) / max(sizes) + math.log(ratio)
    return 1 / (1 + float(misfit))


def _centre(box: F32) -> F32:
    centre: F32 = (box[:2] + box[2:]) * np.float32(0.5)
    return centre
