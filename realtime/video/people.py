"""Summaries of a whole video: one per tracked face, and series over time for charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.core.answers import UNSURE
from realtime.output.tables import label_names

MAX_STEPS = 120  # of a series; a chart cannot show more
MASK_STATES = (*MASK.labels, UNSURE)
Table = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Summary of one track, from its first to its last frame; nobody is identified.

    Attributes:
        number: track id.
        frames: number of frames with the face.
        first_s: time of the first of them.
        last_s: time of the last of them.
        labels: by attribute name, the most frequent label, possibly `UNSURE`, and its share of
            the frames where it is known, 0 to 1; attributes that were never known are missing.
    """

    number: int
    frames: int
    first_s: float
    last_s: float
    labels: Mapping[str, tuple[str, float]]


def people(rows: Table) -> list[Person]:
    """Summarise each track in the rows of a `FaceTable`; most frames first."""
    summaries = []
    for number in np.unique(rows["track_id"]).tolist():
        own = rows[rows["track_id"] == number]
        labels = {n: _most_frequent(own[n], label_names(a)) for n, a in ATTRIBUTES.items()}
        known = {name: most for name, most in labels.items() if most is not None}
        first_s, last_s = float(own["time_s"].min()), float(own["time_s"].max())
        summaries.append(Person(number, len(own), first_s, last_s, known))
    return sorted(summaries, key=lambda person: (-person.frames, person.number))


def timestamp(seconds: float) -> str:
    """Minutes and seconds, "1:05" for 65."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}:{rest:02d}"


def most_at_once(rows: Table) -> int:
    """The largest number of faces on one frame."""
    return int(np.bincount(rows["frame"]).max()) if len(rows) else 0


def mask_counts(everybody: list[Person]) -> dict[str, int]:
    """How many people had each mask label, and `UNSURE`, for most of their time."""
    labels = [person.labels[MASK.name][0] for person in everybody if MASK.name in person.labels]
    return {label: labels.count(label) for label in MASK_STATES}


def emotion_series(rows: Table, number: int, frames: int) -> NDArray[np.float64]:
    """Average one track's emotion probabilities over equal parts of the video.

    Args:
        rows: from `FaceTable.rows`.
        number: track id.
        frames: number of frames of the video.

    Returns:
        (steps, 7) in the order of `EMOTION.labels`; 0 where the emotion is not known.
    """
    own = rows[rows["track_id"] == number]
    prob = np.stack([own[f"emotion_{name}"] for name in EMOTION.labels], axis=1)
    known = ~np.isnan(prob).any(axis=1)
    step, steps = _step(own["frame"][known], frames), min(MAX_STEPS, frames)
    sums = np.zeros((steps, len(EMOTION.labels)))
    np.add.at(sums, step, prob[known])
    mean = sums / np.maximum(np.bincount(step, minlength=steps), 1)[:, None]
    return np.asarray(mean, np.float64)


def mask_series(rows: Table, frames: int) -> NDArray[np.int64]:
    """Count faces by mask label over equal parts of the video.

    Args:
        rows: from `FaceTable.rows`.
        frames: number of frames of the video.

    Returns:
        (steps, 4) mean per frame, rounded, in the order of `MASK_STATES`. Unknown counts as unsure.
    """
    label = np.where(rows["mask"] < 0, len(MASK.labels), rows["mask"])
    steps = min(MAX_STEPS, frames)
    each = np.bincount(_step(np.arange(frames), frames), minlength=steps)
    labelled = [_step(rows["frame"][label == k], frames) for k in range(len(MASK_STATES))]
    counts = np.stack([np.bincount(step, minlength=steps) for step in labelled], axis=1)
    return np.rint(counts / each[:, None]).astype(np.int64)


def step_times(times_s: NDArray[np.float64]) -> list[float]:
    """Time of the first frame of each step, given the times of all frames."""
    frames = len(times_s)
    step = _step(np.arange(frames), frames)
    first: list[float] = times_s[np.unique(step, return_index=True)[1]].tolist()
    return first


def _step(frame: NDArray[np.int64], frames: int) -> NDArray[np.int64]:
    """Map frame numbers to steps; each step has at least one frame."""
    return np.asarray(frame * min(MAX_STEPS, frames) // frames, np.int64)


def _most_frequent(codes: NDArray[np.int8], labels: tuple[str, ...]) -> tuple[str, float] | None:
    """The most frequent label and its share; None if all are unknown."""
    known = codes[codes >= 0]
    if not len(known):
        return None
    counts = np.bincount(known, minlength=len(labels))
    best = int(counts.argmax())
    return labels[best], float(counts[best] / len(known))
