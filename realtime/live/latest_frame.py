"""One slot between the event loop and the stream's thread: the newest frame of the camera."""

from __future__ import annotations

import threading
from collections.abc import Callable

from realtime.live.frames import Shot

# A frame whose own analysis takes longer is shown with the newest analysis there is.
PATIENCE_S = 1 / 30


class NewestShot:
    """Holds one frame, never two, and knows since when the thread is busy with the one before.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._shot: Shot | None = None
        self._busy_since_s: float | None = None
        self._took_s = 0.0  # how long the last analysis took
        self.closed = False

    def put(self, shot: Shot) -> float | None:
        """Take the place of what waits.

        Returns:
            Seconds after which the frame should be shown without its own analysis, if it still
            waits then; None where the thread is free for it.
        """
        with self._changed:
            self._shot = shot
            self._changed.notify_all()
            if self._busy_since_s is None:
                return None
            patience_s = PATIENCE_S if self._took_s < PATIENCE_S else 0.0
            return max(0.0, self._busy_since_s + patience_s - shot.received_s)

    def holds(self, shot: Shot) -> bool:
        """Whether that frame still waits."""
        with self._changed:
            return self._shot is shot

    def take(self) -> Shot | None:
        """What waits, as soon as there is something; None once the slot is closed.

        By asking, the thread says that it is done with the frame before.
        """
        with self._changed:
            if self._busy_since_s is not None:
                self._took_s = self._clock() - self._busy_since_s
                self._busy_since_s = None
            while self._shot is None and not self.closed:
                self._changed.wait()
            shot, self._shot = self._shot, None
            self._busy_since_s = self._clock()
            return None if self.closed else shot

    def close(self) -> bool:
        """Let the thread go and keep nothing; False where it was closed before."""
        with self._changed:
            if self.closed:
                return False
            self.closed, self._shot = True, None
            self._changed.notify_all()
            return True
