"""What a live stream counts: frames shown, the age of what is drawn on them, frames dropped."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from realtime.render.draw import StreamStats

WINDOW_S = 2.0


class LiveStats:
    """Counts over a sliding window; written by the event loop, read by any thread."""

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._lock = threading.Lock()
        self._shown: deque[tuple[float, float]] = deque()  # when, and the age in ms
        self._last_number: int | None = None
        self.shown = 0
        self.dropped = 0

    def frame_shown(self, number: int, now_s: float, age_ms: float) -> None:
        """Count a frame that goes out.

        Args:
            number: its place in the camera's stream, counted from 0; what lies between it and the
                one before was dropped. Frames before the first one shown do not count: then the
                networks were still being loaded.
            now_s: when it goes out.
            age_ms: time from the capture of the frame analysed to now.
        """
        with self._lock:
            if self._last_number is not None:
                self.dropped += number - self._last_number - 1
            self._last_number = number
            self.shown += 1
            self._shown.append((now_s, age_ms))
            self._forget(now_s)

    def read(self, now_s: float) -> StreamStats:
        """The figures of the window that ends now; zeros where nothing was shown."""
        with self._lock:
            self._forget(now_s)
            if not self._shown:
                return StreamStats(fps=0, age_p50_ms=0, age_p95_ms=0, dropped=self.dropped)
            p50, p95 = np.percentile([age for _, age in self._shown], (50, 95))
            span_s = self._shown[-1][0] - self._shown[0][0]
            fps = (len(self._shown) - 1) / span_s if span_s > 0 else 0.0
            return StreamStats(fps, float(p50), float(p95), self.dropped)

    def _forget(self, now_s: float) -> None:
        while self._shown and now_s - self._shown[0][0] > self._window_s:
            self._shown.popleft()
