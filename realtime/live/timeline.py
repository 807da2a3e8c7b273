"""Summaries of a face table's last minute, thinned to what a chart can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION, MASK

SPAN_S = 60.0
MAX_PEOPLE = 4
UNMASKED_S = 1.0  # long enough to rule out single misclassified frames
_GONE_AFTER_S = 0.5
_NO_MASK = MASK.labels.index("without_mask")
_EMOTION_COLUMNS = [f"emotion_{name}" for name in EMOTION.labels]


@dataclass(frozen=True, slots=True)
class PersonTimeline:
    """The emotions of one face, one point per second.

    Attributes:
        track_id: the face's track.
        time_s: n times in seconds relative to now, so at most 0.
        probabilities: n rows of seven, in the order of `EMOTION.labels`.
    """

    track_id: int
    time_s: list[float]
    probabilities: list[list[float]]


def emotion_timelines(rows: NDArray[Any], now_s: float) -> list[PersonTimeline]:
    """Emotions of the tracks with most frames in the last minute, ordered by track.

    Args:
        rows: from `FaceTable.rows`.
        now_s: end of the minute, on the rows' clock.

    Returns:
        At most `MAX_PEOPLE` timelines; rows without emotion are ignored.
    """
    known = _recent(rows, now_s)
    known = known[(known["track_id"] >= 0) & ~np.isnan(known[_EMOTION_COLUMNS[0]])]
    tracks, counts = np.unique(known["track_id"], return_counts=True)
    chosen = np.sort(tracks[np.argsort(-counts, kind="stable")[:MAX_PEOPLE]])
    return [_timeline(known[known["track_id"] == track], int(track), now_s) for track in chosen]


def mask_counts(rows: NDArray[Any], now_s: float) -> list[tuple[float, list[int]]]:
    """Count faces by mask label, second by second.

    Args:
        rows: from `FaceTable.rows`.
        now_s: end of the minute, on the rows' clock; the stream began at 0.

    Returns:
        For each second of the last minute, or since the start: its time in seconds relative to
        now, and the number of faces with each of `MASK.labels` and, last, with an unsure or
        unknown mask. Each second is represented by its last frame with a face.
    """
    recent = _recent(rows, now_s)
    seconds = recent["time_s"].astype(np.int64)
    counted = []
    for second in range(max(0, int(now_s - SPAN_S) + 1), int(now_s) + 1):
        within = recent[seconds == second]
        last = within[within["frame"] == within["frame"].max()] if len(within) else within
        label = np.where(last["mask"] < 0, len(MASK.labels), last["mask"])
        counts = np.bincount(label, minlength=len(MASK.labels) + 1).tolist()
        counted.append((second - now_s, counts))
    return counted


def unmasked_tracks(rows: NDArray[Any], now_s: float) -> list[int]:
    """Tracks in view that have been labelled `without_mask` for at least `UNMASKED_S`.

    Args:
        rows: from `FaceTable.rows`, at least the last two seconds.
        now_s: current time on the rows' clock.

    Returns:
        Track ids in ascending order. One frame with another label, unsure included, restarts
        the time.
    """
    unmasked = []
    for track in np.unique(rows["track_id"][rows["track_id"] >= 0]):
        own = rows[rows["track_id"] == track]
        if now_s - own["time_s"][-1] > _GONE_AFTER_S:
            continue
        others = np.flatnonzero(own["mask"] != _NO_MASK)
        run = own["time_s"][others[-1] + 1 :] if len(others) else own["time_s"]
        if len(run) and run[-1] - run[0] >= UNMASKED_S:
            unmasked.append(int(track))
    return unmasked


def _recent(rows: NDArray[Any], now_s: float) -> NDArray[Any]:
    recent: NDArray[Any] = rows[rows["time_s"] >= now_s - SPAN_S]
    return recent


def _timeline(own: NDArray[Any], track_id: int, now_s: float) -> PersonTimeline:
    _, first = np.unique(own["time_s"].astype(np.int64), return_index=True)
    values = np.stack([own[name] for name in _EMOTION_COLUMNS], axis=1)
    sums = np.add.reduceat(values, first, axis=0)
    counts = np.diff([*first, len(own)])
    time_s = np.add.reduceat(own["time_s"], first) / counts - now_s
    return PersonTimeline(track_id, time_s.tolist(), (sums / counts[:, None]).tolist())
