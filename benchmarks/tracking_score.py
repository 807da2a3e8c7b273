"""How well numbers follow people: IDF1 and id switches.

Sources: Ristani et al., "Performance Measures and a Data Set for Multi-Target, Multi-Camera
Tracking" (IDF1); Bernardin and Stiefelhagen, "Evaluating Multiple Object Tracking Performance: The
CLEAR MOT Metrics" (id switches).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32
from realtime.core.geometry import iou

SAME_PLACE_IOU = 0.4  # below the customary 0.5: a mesh's box is lower than a detector's


@dataclass(frozen=True, slots=True, eq=False)
class Boxes:
    """Numbered boxes in one frame: n people as labelled, or as a tracker reports them.

    Attributes:
        ids: n numbers, each once.
        xyxy: (n, 4) float32 pixels.
    """

    ids: Sequence[int] = ()
    xyxy: F32 = field(default_factory=lambda: np.zeros((0, 4), np.float32))


@dataclass(frozen=True, slots=True)
class TrackingScore:
    """The score of one clip.

    Attributes:
        idf1: share of boxes with the right number, 0 to 1, under the best pairing of people and
            tracks: 2 right / (labelled + reported).
        switches: how often a person's track was another one than the last time.
        found: share of the labelled boxes that any track reports.
    """

    idf1: float
    switches: int
    found: float


def score(truth: Sequence[Boxes], tracked: Sequence[Boxes]) -> TrackingScore:
    """Compare the tracks with the labels, frame by frame.

    Args:
        truth: the labels of the frames that are labelled.
        tracked: what the tracker reports in the same frames.
    """
    together: Counter[tuple[int, int]] = Counter()
    last: dict[int, int] = {}
    switches = found = 0
    for people, tracks in zip(truth, tracked, strict=True):
        pairs = _pairs(people, tracks, last)
        found += len(pairs)
        switches += sum(last.get(person, track) != track for person, track in pairs.items())
        last |= pairs
        together.update(pairs.items())
    labelled = sum(len(people.ids) for people in truth)
    reported = sum(len(tracks.ids) for tracks in tracked)
    idf1 = 2 * _best_pairing(together) / max(labelled + reported, 1)
    return TrackingScore(idf1, switches, found / max(labelled, 1))


def without_ignored(tracks: Boxes, people: Boxes, ignored: F32) -> Boxes:
    """The tracks without those that are on an ignored face (m, 4) and on nobody labelled."""
    if not len(tracks.ids) or not len(ignored):
        return tracks
    drop = iou(tracks.xyxy, ignored).max(axis=1) >= SAME_PLACE_IOU
    if len(people.ids):
        drop &= iou(tracks.xyxy, people.xyxy).max(axis=1) < SAME_PLACE_IOU
    kept = np.flatnonzero(~drop)
    return Boxes([tracks.ids[int(i)] for i in kept], tracks.xyxy[kept])


def _pairs(people: Boxes, tracks: Boxes, last: dict[int, int]) -> dict[int, int]:
    """Each person's track in one frame; the track of the last time wherever it still fits."""
    if not len(people.ids) or not len(tracks.ids):
        return {}
    overlap = iou(people.xyxy, tracks.xyxy)
    value = np.where(overlap >= SAME_PLACE_IOU, overlap, 0)
    for i, person in enumerate(people.ids):
        for j, track in enumerate(tracks.ids):
            if value[i, j] and last.get(person) == track:
                value[i, j] += 1
    rows, columns = _assign(value)
    return {people.ids[i]: tracks.ids[j] for i, j in zip(rows, columns, strict=True) if value[i, j]}


def _best_pairing(together: Counter[tuple[int, int]]) -> int:
    """The number of right boxes if each person owns the track that is best overall."""
    if not together:
        return 0
    people = sorted({person for person, _ in together})
    tracks = sorted({track for _, track in together})
    count = np.array([[together[person, track] for track in tracks] for person in people])
    return int(count[_assign(count)].sum())


def _assign(value: NDArray[Any]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the assignment with the greatest sum."""
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(value, maximize=True)
    return rows, columns
