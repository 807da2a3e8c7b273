"""A one-slot holder for the camera's latest frame, between event loop and analysis thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from realtime.live.frames import CameraFrame

# If an analysis takes longer than this, the next frame is sent with the latest available result.
MAX_WAIT_S = 1 / 30


class LatestFrame:
    """Holds one frame; a newer frame replaces it. Thread-safe.

    Args:
        clock: monotonic time in seconds.

    Attributes:
        closed: whether the stream has ended.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._frame: CameraFrame | None = None
        self._busy_since_s: float | None = None
        self._last_duration_s = 0.0  # of an analysis
        self.closed = False

    def put(self, frame: CameraFrame) -> float | None:
        """Store a frame, replacing any that is still pending.

        Returns:
            Seconds after which the frame should be sent without its own analysis if it is still
            pending; None if the analysis thread is idle and takes it at once.
        """
        with self._changed:
            self._frame = frame
            self._changed.notify_all()
            if self._busy_since_s is None:
                return None
            max_wait_s = MAX_WAIT_S if self._last_duration_s < MAX_WAIT_S else 0.0
            return max(0.0, self._busy_since_s + max_wait_s - frame.received_s)

    def is_pending(self, frame: CameraFrame) -> bool:
        """Whether the frame has been neither taken nor replaced."""
        with self._changed:
            return self._frame is frame

    @property
    def pending(self) -> bool:
        """Whether a frame waits to be taken."""
        with self._changed:
            return self._frame is not None

    def wait(self) -> bool:
        """Wait for a frame; False once closed.

        Calling this also marks the analysis of the previous frame as finished.
        """
        with self._changed:
            if self._busy_since_s is not None:
                self._last_duration_s = self._clock() - self._busy_since_s
                self._busy_since_s = None
            while self._frame is None and not self.closed:
                self._changed.wait()
            self._busy_since_s = self._clock()
            return not self.closed

    def take(self) -> CameraFrame | None:
        """Remove and return the pending frame, if there is one."""
        with self._changed:
            frame, self._frame = self._frame, None
            return frame

    def close(self) -> bool:
        """Drop the pending frame and wake the analysis thread; False if closed before."""
        with self._changed:
            if self.closed:
                return False
            self.closed, self._frame = True, None
            self._changed.notify_all()
            return True
