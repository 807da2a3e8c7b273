"""What every face detector offers."""

from __future__ import annotations

from typing import Protocol

from realtime.core.faces import Faces, Frame


class Detector(Protocol):
    """Finds faces in one picture; used by one thread at a time."""

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first; empty where there are none."""
        ...
