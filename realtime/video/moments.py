"""Moments of a video worth showing: smiles, surprises, and masks that come off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION, MASK
from realtime.video.people import Table

MIN_LASTING_S = 0.4  # shorter ones are often errors
MAX_OF_KIND = 4
SAME_CLARITY = 0.005  # probabilities that differ by less are shown as equal, and differ by chance
_EMOTIONS = {"happy": "Smile", "surprise": "Surprise"}
MASK_OFF = "Mask off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A face at one time.

    Attributes:
        kind: what happens, as a title.
        time_s: when.
        number: the track's number.
        xyxy: the face's box in pixels.
        strength: how clear it is, 0 to 1; the clearest of each kind are kept.
    """

    kind: str
    time_s: float
    number: int
    xyxy: tuple[float, float, float, float]
    strength: float


def moments(rows: Table) -> list[Moment]:
    """The clearest moments of each kind in the rows of a `FaceTable`, in the order of time."""
    found: list[Moment] = []
    for number in np.unique(rows["track_id"]).tolist():
        own = rows[rows["track_id"] == number]
        for label, kind in _EMOTIONS.items():
            found += _peaks(own, label, kind)
        found += _unmasked(own)
    kept: list[Moment] = []
    for kind in (*_EMOTIONS.values(), MASK_OFF):
        of_kind = [m for m in found if m.kind == kind]
        kept += sorted(of_kind, key=lambda m: -m.strength)[:MAX_OF_KIND]
    return sorted(kept, key=lambda m: m.time_s)


def _peaks(own: Table, label: str, kind: str) -> Iterator[Moment]:
    """Where one track's emotion first is as clear as it gets, each time that it lasts."""
    prob = own[f"emotion_{label}"]
    for first, last in _runs(own["emotion"], EMOTION.labels.index(label)):
        if own["time_s"][last] - own["time_s"][first] >= MIN_LASTING_S:
            clear = prob[first : last + 1] >= np.nanmax(prob[first : last + 1]) - SAME_CLARITY
            best = first + int(np.argmax(clear))  # the first one
            yield _moment(own[best], kind, float(prob[best]))


def _unmasked(own: Table) -> Iterator[Moment]:
    """Where one track has no mask after it had one, both for a while."""
    worn = list(_runs(own["mask"], MASK.labels.index("with_mask")))
    bare = list(_runs(own["mask"], MASK.labels.index("without_mask")))
    times = own["time_s"]
    for first, last in bare:
        before = [run for run in worn if run[1] < first]
        if not before or any(before[-1][1] < run[1] < first for run in bare):
            continue
        lasting = min(times[last] - times[first], times[before[-1][1]] - times[before[-1][0]])
        if lasting >= MIN_LASTING_S:
            yield _moment(own[first], MASK_OFF, float(own["mask_without_mask"][first]))


def _runs(codes: NDArray[np.int8], code: int) -> Iterator[tuple[int, int]]:
    """First and last position of each run of this code."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], codes == code, [0]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), (edges[1::2] - 1).tolist(), strict=True)


def _moment(row: Any, kind: str, strength: float) -> Moment:
    x0, y0, x1, y1 = (float(row[name]) for name in ("x0", "y0", "x1", "y1"))
    return Moment(
        kind=kind,
        time_s=float(row["time_s"]),
        number=int(row["track_id"]),
        xyxy=(x0, y0, x1, y1),
        strength=strength,
    )
