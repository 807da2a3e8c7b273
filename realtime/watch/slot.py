"""The newest frame of a source: what is not taken in time is replaced and counted."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction

from av import VideoFrame


@dataclass(frozen=True, slots=True, eq=False)
class SourceFrame:
    """A decoded frame.

    Attributes:
        number: position among all frames of the source, from 0.
        frame: as decoded.
        aspect: width of a pixel over its height; None: square.
        time_s: when it arrived, on the monotonic clock.
    """

    number: int
    frame: VideoFrame
    aspect: Fraction | None
    time_s: float


class NewestFrame:
    """Holds one frame for another thread.

    Attributes:
        dropped: frames that were replaced before they were taken.
    """

    def __init__(self) -> None:
        self._frame: SourceFrame | None = None
        self._changed = threading.Condition()
        self._closed = False
        self.dropped = 0

    def put(self, frame: SourceFrame) -> None:
        """Replace the frame."""
        with self._changed:
            self.dropped += self._frame is not None
            self._frame = frame
            self._changed.notify()

    def take(self, timeout_s: float) -> SourceFrame | None:
        """Wait for a frame and take it; None if none comes in time, or after the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame or self._closed, timeout_s)
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> None:
        """End all waiting; a frame that is there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def ended(self) -> bool:
        """Whether no frame is there, and none will come."""
        with self._changed:
            return self._closed and self._frame is None
