"""Frames whose analysis takes long are shown in time all the same, with the newest one there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future

from realtime.live.analysis_thread import LiveThread
from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import Output, Shot
from realtime.live.latest_frame import NewestShot


class LatePainter:
    """Draws on waiting frames beside the stream's thread, one at a time; the loop's alone.

    Args:
        slot: where frames wait for the thread.
        thread: has the newest analysis, and paints.
        settings: what the viewer has chosen by now.
        offer: takes each painted frame, in the loop.
    """

    def __init__(
        self,
        slot: NewestShot,
        thread: LiveThread,
        settings: Callable[[], StreamSettings],
        offer: Callable[[Output], None],
    ) -> None:
        self._slot = slot
        self._thread = thread
        self._settings = settings
        self._offer = offer
        self._painting = False

    def look_after(self, wait_s: float, shot: Shot) -> None:
        """Paint the frame if it waits for the thread still after so many seconds."""
        asyncio.get_running_loop().call_later(wait_s, self._paint_if_late, shot)

    def _paint_if_late(self, shot: Shot) -> None:
        result, settings = self._thread.worker.result, self._settings()
        waits = self._slot.holds(shot)
        if not waits or self._painting or result is None or settings.draw.hiding:
            return
        self._painting = True
        loop = asyncio.get_running_loop()
        job = loop.run_in_executor(None, self._thread.paint, shot, result, settings)
        job.add_done_callback(self._painted)

    def _painted(self, job: Future[Output] | asyncio.Future[Output]) -> None:
        self._painting = False
        if not job.cancelled() and job.exception() is None:
            self._offer(job.result())
