"""The protocol of landmarkers."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from models import ModelError
from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import Landmarks, Topology


class LandmarkFileError(ModelError):
    """A landmark model's file is missing, damaged or of another kind."""


class Landmarker(Protocol):
    """Finds the landmarks of faces whose regions are known; used by one thread at a time.

    Attributes:
        topology: what its points mark.
    """

    topology: Topology

    def warm_up(self, faces: int) -> None:
        """Prepare for frames of up to `faces` faces."""
        ...

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32 | None]:
        """Find the landmarks in each region.

        Args:
            frame_bgr: the picture.
            regions: (n, 4), see `realtime.landmark.region`.

        Returns:
            The landmarks in pixels of the frame, and presence (n,), 0 to 1; None from a landmarker
            that cannot tell whether there is a face.
        """
        ...


class Follower(Protocol):
    """A landmarker that can follow faces: it finds a mesh, and says whether there is a face."""

    topology: Topology

    def warm_up(self, faces: int) -> None:
        """As `Landmarker`."""
        ...

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[Landmarks, F32]:
        """As `Landmarker`, always with presence."""
        ...


@runtime_checkable
class FromMesh(Protocol):
    """A landmarker that can use the mesh's points where they are known already."""

    def from_mesh(self, frame_bgr: Frame, mesh: Landmarks) -> Landmarks:
        """The landmarks of the same faces, in the same frame."""
        ...
