"""The landmarkers by name: pages, command line and benchmarks offer what is listed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from realtime.landmark.dlib68 import Dlib68
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.types import Landmarker


@dataclass(frozen=True, slots=True)
class LandmarkerEntry:
    """A landmarker as it is offered.

    Attributes:
        create: makes one that uses so many threads, and the user's own file where there is one.
        title: what a user reads, its name before a colon.
    """

    create: Callable[[int, Path | None], Landmarker]
    title: str


LANDMARKERS: dict[str, LandmarkerEntry] = {
    "mesh": LandmarkerEntry(
        lambda threads, _: FaceMesh(threads=threads),
        "Face mesh: 468 points with depth, from MediaPipe's network",
    ),
    "dlib68": LandmarkerEntry(
        lambda _, file: Dlib68(file),
        "68 points: brows, eyes, nose, mouth and jaw, from dlib's regression trees",
    ),
}


def create_landmarker(name: str, *, threads: int = 1, file: Path | None = None) -> Landmarker:
    """The landmarker of that name.

    Args:
        name: a key of `LANDMARKERS`.
        threads: threads that it may use.
        file: a model of the user's own in the place of the shipped one, where that can be chosen.

    Raises:
        ValueError: there is none of that name.
        models.ModelError: its model is missing or damaged.
    """
    if name not in LANDMARKERS:
        raise ValueError(f"There is no landmarker {name!r}; choose from {', '.join(LANDMARKERS)}.")
    return LANDMARKERS[name].create(threads, file)
