"""The landmarkers by name: pages, command line and benchmarks offer those listed here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from realtime.core.landmarks import CNN68, MESH68, MESH468, POINTS68, Topology
from realtime.inference import mediapipe_files
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
        network: its network in MediaPipe's wheel, for those that need one.
    """

    create: Callable[[int, Path | None], Landmarker]
    title: str
    topology: Topology
    follows: bool = False
    takes_file: bool = False
    network: str = ""

    @property
    def name(self) -> str:
        """The name that a user reads."""
        return self.title.partition(":")[0]

    @property
    def missing(self) -> str:
        """A sentence on what must be installed before it can be used; empty if nothing."""
        return mediapipe_files.missing(self.network) if self.network else ""


def _mesh(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.facestream_mesh import FaceStreamMesh

    return FaceStreamMesh(threads=threads)


def _mediapipe_mesh(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.mediapipe_mesh import MediaPipeMesh

    return MediaPipeMesh(threads=threads)


def _mesh68(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.mesh68 import Mesh68

    return Mesh68(threads=threads)


def _cnn68(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.cnn68 import Cnn68

    return Cnn68(threads=threads)


def _dlib68(threads: int, file: Path | None) -> Landmarker:
    from realtime.landmark.dlib68 import Dlib68

    return Dlib68(file)


LANDMARKERS: dict[str, LandmarkerEntry] = {
    "mesh": LandmarkerEntry(
        _mesh,
        "Face mesh: 468 points with depth",
        MESH468,
        follows=True,
    ),
    "mediapipe-mesh": LandmarkerEntry(
        _mediapipe_mesh,
        "MediaPipe mesh: the same 468 points, from MediaPipe's network; slower",
        MESH468,
        follows=True,
        network=mediapipe_files.FACE_MESH,
    ),
    "cnn68": LandmarkerEntry(
        _cnn68,
        "68 points: brows, eyes, nose, mouth and jaw, from a network of their own",
        CNN68,
    ),
    "mesh68": LandmarkerEntry(
        _mesh68,
        "68 points, mesh: the same, mapped from the mesh without another network",
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
# Other names on the command line: the most accurate of that kind, and an earlier one of the mesh.
ALIASES = {"68": "cnn68", "facestream-mesh": "mesh"}


def gaze_missing() -> str:
    """A sentence on what must be installed before gaze can be estimated; empty if nothing."""
    return mediapipe_files.missing(mediapipe_files.IRIS)


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
