"""What a whole video says of each followed face, and of all of them over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.core.answers import UNSURE
from realtime.output.tables import label_names

STEPS = 120  # of a timeline at most: a chart can show no more
MASK_STATES = (*MASK.labels, UNSURE)
Table = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One face from its first sight until it was lost; nobody is identified.

    Attributes:
        number: under which the face was followed.
        frames: on how many it was seen.
        first_s: when it was first seen.
        last_s: when it was last seen.
        labels: by attribute name, the label that it had most, `UNSURE` among them, and in which
            share of its frames, 0 to 1; attributes that it never had are missing.
    """

    number: int
    frames: int
    first_s: float
    last_s: float
    labels: Mapping[str, tuple[str, float]]


def people(rows: Table) -> list[Person]:
    """Everybody in the rows of a `FaceTable`, whoever was seen on most frames first."""
    found = []
    for number in np.unique(rows["track_id"]).tolist():
        own = rows[rows["track_id"] == number]
        labels = {n: _most(own[n], label_names(a)) for n, a in ATTRIBUTES.items()}
        known = {name: most for name, most in labels.items() if most is not None}
        first_s, last_s = float(own["time_s"].min()), float(own["time_s"].max())
        found.append(Person(number, len(own), first_s, last_s, known))
    return sorted(found, key=lambda person: (-person.frames, person.number))


def mask_counts(everybody: list[Person]) -> dict[str, int]:
    """How many people had each mask label, and `UNSURE`, for most of their time."""
    labels = [person.labels[MASK.name][0] for person in everybody if MASK.name in person.labels]
    return {label: labels.count(label) for label in MASK_STATES}


def emotion_course(rows: Table, number: int, frames: int) -> NDArray[np.float64]:
    """One person's emotions through a video of so many frames: (steps, 7).

    Each step is the mean over its frames, of 0 where the face was not seen or not yet known.
    """
    own = rows[rows["track_id"] == number]
    prob = np.stack([own[f"emotion_{name}"] for name in EMOTION.labels], axis=1)
    known = ~np.isnan(prob).any(axis=1)
    step, steps = _step(own["frame"][known], frames), min(STEPS, frames)
    sums = np.zeros((steps, len(EMOTION.labels)))
    np.add.at(sums, step, prob[known])
    mean = sums / np.maximum(np.bincount(step, minlength=steps), 1)[:, None]
    return np.asarray(mean, np.float64)


def mask_course(rows: Table, frames: int) -> NDArray[np.int64]:
    """How many faces had each mask label through a video: (steps, 4), `UNSURE` last.

    Each step is the mean over its frames, rounded. Who is not known yet counts as unsure.
    """
    label = np.where(rows["mask"] < 0, len(MASK.labels), rows["mask"])
    steps = min(STEPS, frames)
    each = np.bincount(_step(np.arange(frames), frames), minlength=steps)
    labelled = [_step(rows["frame"][label == k], frames) for k in range(len(MASK_STATES))]
    counts = np.stack([np.bincount(step, minlength=steps) for step in labelled], axis=1)
    return np.rint(counts / each[:, None]).astype(np.int64)


def step_times(times_s: NDArray[np.float64]) -> list[float]:
    """When the first frame of each step was shown, from the times of all frames."""
    frames = len(times_s)
    step = _step(np.arange(frames), frames)
    first: list[float] = times_s[np.unique(step, return_index=True)[1]].tolist()
    return first


def _step(frame: NDArray[np.int64], frames: int) -> NDArray[np.int64]:
    """Which step a frame belongs to, by its number; every step has one at least."""
    return np.asarray(frame * min(STEPS, frames) // frames, np.int64)


def _most(codes: NDArray[np.int8], labels: tuple[str, ...]) -> tuple[str, float] | None:
    known = codes[codes >= 0]
    if not len(known):
        return None
    counts = np.bincount(known, minlength=len(labels))
    best = int(counts.argmax())
    return labels[best], float(counts[best] / len(known))
