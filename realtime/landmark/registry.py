"""The landmarkers by name: pages, command line and benchmarks offer those listed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from realtime.core.landmarks import MESH68, MESH468, POINTS68, Topology
from realtime.landmark.types import Follower, Landmarker


@dataclass(frozen=True, slots=True)
class LandmarkerEntry:
    """How a landmarker is made and offered.

    Attributes:
        create: makes one, given a number of threads and the user's own file where there is one.
        title: the name that a user reads and, after a colon, what it is.
        topology: what its points mark.
        follows: whether the pipeline finds, follows and aligns faces by this landmarker where it is
            chosen; it must return a mesh with presence.
        takes_file: whether the user can give a file of their own.
    """

    create: Callable[[int, Path | None], Landmarker]
    title: str
    topology: Topology
    follows: bool = False
    takes_file: bool = False

    @property
    def name(self) -> str:
        """The name that a user reads."""
        return self.title.partition(":")[0]


def _mesh(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.mesh import FaceMesh

    return FaceMesh(threads=threads)


def _facestream_mesh(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.facestream_mesh import FaceStreamMesh

    return FaceStreamMesh(threads=threads)


def _mesh68(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.mesh68 import Mesh68

    return Mesh68(threads=threads)


def _dlib68(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.dlib68 import Dlib68

    return Dlib68(file)


LANDMARKERS: dict[str, LandmarkerEntry] = {
    "mesh": LandmarkerEntry(
        _mesh,
        "Face mesh: 468 points with depth, from MediaPipe's network",
        MESH468,
        follows=True,
    ),
    "facestream-mesh": LandmarkerEntry(
        _facestream_mesh,
        "FaceStream mesh: the same 468 points, from our own network; faster",
        MESH468,
        follows=True,
    ),
    "mesh68": LandmarkerEntry(
        _mesh68,
        "68 points: brows, eyes, nose, mouth and jaw, mapped from the mesh",
        MESH68,
    ),
    "dlib68": LandmarkerEntry(
        _dlib68,
        "68 points, dlib: the same, from regression trees",
        POINTS68,
        takes_file=True,
    ),
}

FOLLOWER = "mesh"  # finds and follows faces where the chosen landmarker does not
ALIASES = {"68": "mesh68"}  # other names on the command line: the most accurate of that kind


def landmarker_entry(name: str) -> LandmarkerEntry:
    """The entry of that name.

    Raises:
        ValueError: there is none; the message lists those there are.
    """
    if name not in LANDMARKERS:
        raise ValueError(f"There is no landmarker {name!r}; choose from {', '.join(LANDMARKERS)}.")
    return LANDMARKERS[name]


def follower_name(name: str) -> str:
    """The landmarker by which faces are followed where that of this name is chosen.

    Raises:
        ValueError: there is none of that name.
    """
    return name if landmarker_entry(name).follows else FOLLOWER


def create_follower(name: str, *, threads: int = 1) -> Follower:
    """The landmarker by which faces are followed where that of this name is chosen.

    Raises:
        ValueError: there is none of that name.
        models.ModelError: its model is missing or damaged.
        FileNotFoundError: MediaPipe's network is missing.
    """
    return cast(Follower, create_landmarker(follower_name(name), threads=threads))


def create_landmarker(name: str, *, threads: int = 1, file: Path | None = None) -> Landmarker:
    """The landmarker of that name.

    Args:
        name: a key of `LANDMARKERS`.
        threads: number of threads it may use.
        file: the user's own model instead of the shipped one, for landmarkers that take one.

    Raises:
        ValueError: there is none of that name.
        models.ModelError: its model is missing or damaged.
    """
    return landmarker_entry(name).create(threads, file)
