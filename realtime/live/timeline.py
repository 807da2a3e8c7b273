"""What a table of faces says about the last minute, thinned to what a chart can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION, MASK

SPAN_S = 60.0
MOST_PEOPLE = 4
UNMASKED_S = 1.0  # so long without a mask, and surely, is no mistake of one frame
_SEEN_S = 0.5  # whoever was not seen for longer is gone
_NO_MASK = MASK.labels.index("without_mask")
_EMOTION_COLUMNS = [f"emotion_{name}" for name in EMOTION.labels]


@dataclass(frozen=True, slots=True)
class PersonTimeline:
    """One face's emotions, a point a second.

    Attributes:
        track_id: the number under which it is followed.
        time_s: n times in seconds before now, so none is above 0.
        probabilities: n rows of seven, in the order of `EMOTION.labels`.
    """

    track_id: int
    time_s: list[float]
    probabilities: list[list[float]]


def emotion_timelines(rows: NDArray[Any], now_s: float) -> list[PersonTimeline]:
    """The emotions of the people seen in most frames of the last minute, by their numbers.

    Args:
        rows: of `FaceTable.rows`.
        now_s: the end of the minute, on the rows' clock.

    Returns:
        At most `MOST_PEOPLE`; faces whose emotion is not known are left out.
    """
    known = _recent(rows, now_s)
    known = known[(known["track_id"] >= 0) & ~np.isnan(known[_EMOTION_COLUMNS[0]])]
    tracks, counts = np.unique(known["track_id"], return_counts=True)
    most = np.sort(tracks[np.argsort(-counts, kind="stable")[:MOST_PEOPLE]])
    return [_person(known[known["track_id"] == track], int(track), now_s) for track in most]


def mask_counts(rows: NDArray[Any], now_s: float) -> list[tuple[float, list[int]]]:
    """How many people wore a mask or did not, second by second.

    Args:
        rows: of `FaceTable.rows`.
        now_s: the end of the minute, on the rows' clock; the stream began at 0.

    Returns:
        For each second of the last minute, or since the start: the time in seconds before now, and
        faces with each of `MASK.labels`, then those whose mask is unsure or not known, in the last
        frame of that second that shows a face.
    """
    recent = _recent(rows, now_s)
    seconds = recent["time_s"].astype(np.int64)
    counted = []
    for second in range(max(0, int(now_s - SPAN_S) + 1), int(now_s) + 1):
        of_it = recent[seconds == second]
        last = of_it[of_it["frame"] == of_it["frame"].max()] if len(of_it) else of_it
        label = np.where(last["mask"] < 0, len(MASK.labels), last["mask"])
        counts = np.bincount(label, minlength=len(MASK.labels) + 1).tolist()
        counted.append((second - now_s, counts))
    return counted


def surely_unmasked(rows: NDArray[Any], now_s: float) -> list[int]:
    """The numbers of the faces that are in view now and have surely worn no mask for a second.

    Args:
        rows: of `FaceTable.rows`, the last two seconds at least.
        now_s: on the rows' clock.
    """
    bare = []
    for track in np.unique(rows["track_id"][rows["track_id"] >= 0]):
        own = rows[rows["track_id"] == track]
        if now_s - own["time_s"][-1] > _SEEN_S:
            continue
        others = np.flatnonzero(own["mask"] != _NO_MASK)
        run = own["time_s"][others[-1] + 1 :] if len(others) else own["time_s"]
        if len(run) and run[-1] - run[0] >= UNMASKED_S:
            bare.append(int(track))
    return bare


def _recent(rows: NDArray[Any], now_s: float) -> NDArray[Any]:
    recent: NDArray[Any] = rows[rows["time_s"] >= now_s - SPAN_S]
    return recent


def _person(own: NDArray[Any], track_id: int, now_s: float) -> PersonTimeline:
    _, first = np.unique(own["time_s"].astype(np.int64), return_index=True)
    values = np.stack([own[name] for name in _EMOTION_COLUMNS], axis=1)
    sums = np.add.reduceat(values, first, axis=0)
    counts = np.diff([*first, len(own)])
    time_s = np.add.reduceat(own["time_s"], first) / counts - now_s
    return PersonTimeline(track_id, time_s.tolist(), (sums / counts[:, None]).tolist())
