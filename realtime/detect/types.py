"""The interface of a face detector."""

from __future__ import annotations

from typing import Protocol

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
