"""Statistics of a live stream: frame rate, latency of the analysis, dropped frames."""

from __future__ import annotations

import threading
from collections import deque

import numpy as np

from realtime.live import metrics
from realtime.render.draw import StreamStats

WINDOW_S = 2.0


class LiveStats:
    """Statistics over a sliding window. Thread-safe.

    Args:
        window_s: length of the window.

    Attributes:
        shown: number of frames sent since the start.
        dropped: number of camera frames that were not sent.
    """

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._lock = threading.Lock()
        self._recent: deque[tuple[float, float]] = deque()  # time sent in s, age in ms
        self._last_number: int | None = None
        self.shown = 0
        self.dropped = 0

    def frame_shown(self, number: int, now_s: float, age_ms: float) -> None:
        """Record that a frame is sent.

        Args:
            number: position in the camera's stream, from 0. Numbers skipped since the last call
                count as dropped, except before the first call, while the networks are loading.
            now_s: the time of sending.
            age_ms: time since the arrival of the frame whose analysis is drawn.
        """
        with self._lock:
            skipped = 0 if self._last_number is None else number - self._last_number - 1
            self.dropped += skipped
            self._add(number, now_s, age_ms)
        metrics.frame_shown(age_ms, skipped)

    def result_sent(self, number: int, now_s: float, age_ms: float) -> None:
        """Record that a result is sent in place of a frame, as `frame_shown` takes it.

        Numbers skipped do not count as dropped: the browser shows those frames itself.
        """
        with self._lock:
            self._add(number, now_s, age_ms)
        metrics.frame_shown(age_ms, 0)

    def _add(self, number: int, now_s: float, age_ms: float) -> None:
        self._last_number = number
        self.shown += 1
        self._recent.append((now_s, age_ms))
        self._drop_before_window(now_s)

    def read(self, now_s: float) -> StreamStats:
        """Return the statistics of the window that ends now; zeros if no frame was sent."""
        with self._lock:
            self._drop_before_window(now_s)
            if not self._recent:
                return StreamStats(fps=0, age_p50_ms=0, age_p95_ms=0, dropped=self.dropped)
            p50, p95 = np.percentile([age for _, age in self._recent], (50, 95))
            span_s = self._recent[-1][0] - self._recent[0][0]
            fps = (len(self._recent) - 1) / span_s if span_s > 0 else 0.0
            return StreamStats(fps, float(p50), float(p95), self.dropped)

    def _drop_before_window(self, now_s: float) -> None:
        while self._recent and now_s - self._recent[0][0] > self._window_s:
            self._recent.popleft()
