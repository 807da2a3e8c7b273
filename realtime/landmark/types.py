"""What every landmarker offers."""

from __future__ import annotations

from typing import Protocol

from models import ModelError
from realtime.core.faces import F32, Frame


class LandmarkFileError(ModelError):
    """A landmark model's file is missing, damaged or of another kind; the message is a sentence."""


class Landmarker(Protocol):
    """Finds the landmarks of faces whose regions are known; used by one thread at a time."""

    def warm_up(self, faces: int) -> None:
        """Make ready for frames of up to that many faces."""
        ...

    def __call__(self, frame_bgr: Frame, regions: F32) -> tuple[F32, F32 | None]:
        """Find the landmarks in each region.

        Args:
            frame_bgr: the picture.
            regions: (n, 4), see `realtime.landmark.region`.

        Returns:
            Landmarks (n, points, 2 or 3) in pixels of the frame, and presence (n,), 0 to 1; None
            from one that cannot tell whether there is a face.
        """
        ...
