"""The face detectors by name: a new one is a new file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from realtime.detect.blazeface import FULL_RANGE, SHORT_RANGE, BlazeFace
from realtime.detect.types import Detector


@dataclass(frozen=True, slots=True)
class DetectorEntry:
    """How a detector is made and what a user should know to choose it.

    Attributes:
        create: makes one, given the threads it may use.
        title: its name in plain words.
        min_score: the score from which its answers count, unless the user says otherwise.
    """

    create: Callable[[int], Detector]
    title: str
    min_score: float


DETECTORS: dict[str, DetectorEntry] = {
    "blazeface-full": DetectorEntry(
        lambda threads: BlazeFace(FULL_RANGE, threads=threads),
        "BlazeFace full range: faces up to about 5 m away",
        0.5,
    ),
    "blazeface-short": DetectorEntry(
        lambda threads: BlazeFace(SHORT_RANGE, threads=threads),
        "BlazeFace short range: fastest, faces within about 2 m",
        0.5,
    ),
}


def create_detector(name: str, *, threads: int = 1) -> Detector:
    """Make the detector of that name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in DETECTORS:
        raise ValueError(f"There is no detector {name!r}: choose one of {', '.join(DETECTORS)}.")
    return DETECTORS[name].create(threads)
