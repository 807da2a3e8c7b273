"""What became of a sink's messages, and how long that took."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

MAX_DELAYS = 1000


class SinkStats:
    """Counts of one sink; for any thread.

    Attributes:
        delivered: messages that have arrived.
        dropped: messages that were given up: the queue was full, or the receiver refused them.
        attempts_failed: attempts after which there was or will be another one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._delays_s = deque[float](maxlen=MAX_DELAYS)
        self.delivered = self.dropped = self.attempts_failed = 0

    def arrived(self, delay_s: float) -> None:
        """Count a message that has arrived so long after its frame was captured."""
        with self._lock:
            self.delivered += 1
            self._delays_s.append(delay_s)

    def drop(self, count: int = 1) -> None:
        """Count messages that were given up."""
        with self._lock:
            self.dropped += count

    def fail(self) -> None:
        """Count a failed attempt."""
        with self._lock:
            self.attempts_failed += 1

    def delay_ms(self, percentile: float) -> float:
        """A percentile of the latest delays, from capture to arrival; NaN without any."""
        with self._lock:
            delays = list(self._delays_s)
        return float(np.percentile(delays, percentile)) * 1e3 if delays else float("nan")

    def describe(self) -> str:
        """One line, such as "12 delivered, delay 31 ms (p95 80 ms), 0 dropped"."""
        text = f"{self.delivered} delivered"
        if self.delivered:
            text += f", delay {self.delay_ms(50):.0f} ms (p95 {self.delay_ms(95):.0f} ms)"
        return f"{text}, {self.dropped} dropped"
