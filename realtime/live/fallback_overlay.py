"""Sends frames with an earlier result drawn on them while an analysis takes long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from realtime.live.analysis_thread import AnalysisThread
from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import AnnotatedFrame, CameraFrame
from realtime.live.latest_frame import LatestFrame


class FallbackOverlay:
    """Draws on pending frames outside the analysis thread, one at a time; use in the event loop.

    Does nothing while faces are hidden: each frame then needs its own analysis.

    Args:
        latest: the camera's latest frame.
        thread: has the latest result, and draws it.
        settings: returns the current settings.
        on_frame: called in the event loop with each annotated frame.
    """

    def __init__(
        self,
        latest: LatestFrame,
        thread: AnalysisThread,
        settings: Callable[[], StreamSettings],
        on_frame: Callable[[AnnotatedFrame], None],
    ) -> None:
        self._latest = latest
        self._thread = thread
        self._settings = settings
        self._on_frame = on_frame
        self._drawing = False

    def schedule(self, wait_s: float, frame: CameraFrame) -> None:
        """After `wait_s`, draw the latest result if the frame is still pending."""
        asyncio.get_running_loop().call_later(wait_s, self._draw_if_pending, frame)

    def _draw_if_pending(self, frame: CameraFrame) -> None:
        result, settings = self._thread.processor.result, self._settings()
        pending = self._latest.is_pending(frame)
        if not pending or self._drawing or result is None or settings.draw.hiding:
            return
        self._drawing = True
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(None, self._thread.annotate_with, frame, result, settings)
        job.add_done_callback(self._drawn)

    def _drawn(self, job: Future[AnnotatedFrame] | asyncio.Future[AnnotatedFrame]) -> None:
        self._drawing = False
        if not job.cancelled() and job.exception() is None:
            self._on_frame(job.result())
