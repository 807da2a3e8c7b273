"""Sends frames with an earlier result drawn on them, between analyses or while one takes long."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache

from realtime.engine.budget import usable_cores
from realtime.live.analysis_thread import AnalysisThread
from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import AnnotatedFrame, CameraFrame
from realtime.live.latest_frame import LatestFrame

THREAD_NAME = "facestream-draw"


@cache
def drawing_threads() -> ThreadPoolExecutor:
    """Threads that draw for all streams, one per core: the loop's own also encode and wait."""
    return ThreadPoolExecutor(math.ceil(usable_cores()), thread_name_prefix=THREAD_NAME)


class FallbackOverlay:
    """Draws on frames outside the analysis thread, one at a time; use in the event loop.

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
        self._next: CameraFrame | None = None
        self._drawing = False

    def schedule(self, wait_s: float, frame: CameraFrame) -> None:
        """After `wait_s`, draw the latest result if the frame is still pending."""
        asyncio.get_running_loop().call_later(wait_s, self._draw_if_pending, frame)

    def draw(self, frame: CameraFrame) -> None:
        """Draw the latest result on the frame; it waits only for an earlier one to be drawn."""
        self._next = frame
        if not self._drawing:
            self._draw_next()

    def _draw_if_pending(self, frame: CameraFrame) -> None:
        if self._latest.is_pending(frame):
            self.draw(frame)

    def _draw_next(self) -> None:
        frame, self._next = self._next, None
        analysed = self._thread.processor.result is not None
        if frame is None or not analysed or self._settings().draw.hiding:
            return
        self._drawing = True
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(
            drawing_threads(), self._thread.annotate_with, frame, self._thread.drawing
        )
        job.add_done_callback(self._drawn)

    def _drawn(self, job: Future[AnnotatedFrame] | asyncio.Future[AnnotatedFrame]) -> None:
        self._drawing = False
        if not job.cancelled() and job.exception() is None:
            self._on_frame(job.result())
        self._draw_next()
