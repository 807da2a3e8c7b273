"""The interface of a face detector."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from realtime.core.faces import Faces, Frame


class Detector(Protocol):
    """Detects faces in one picture; call it from one thread at a time."""

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces.

        Args:
            frame_bgr: (h, w, 3) uint8; any size.
            min_score: confidence threshold, 0 to 1.

        Returns:
            The faces with at least this score, best first, in pixels of the picture; empty if
            there are none.
        """
        ...


@runtime_checkable
class StepwiseDetector(Detector, Protocol):
    """A detector that can spread the work on one picture over several frames of a stream."""

    def detect_in_steps(self, frame_bgr: Frame, *, min_score: float) -> Iterator[Faces | None]:
        """Detect faces as `detect` does, in steps of about the same time.

        The picture is read in the first step only. Several runs may be under way at once.

        Yields:
            None after each step but the last; then the faces.
        """
        ...
