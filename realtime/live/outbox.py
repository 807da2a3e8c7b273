"""A one-slot holder for the latest annotated frame, sent once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import AnnotatedFrame


class Outbox:
    """Holds the latest annotated frame until it is sent; use it in the event loop.

    Args:
        settings: returns the current settings. While faces are to be hidden, frames that show them
            are not sent.
    """

    def __init__(self, settings: Callable[[], StreamSettings]) -> None:
        self._settings = settings
        self._frame: AnnotatedFrame | None = None
        self._changed = asyncio.Event()
        self._last_sent = -1
        self._closed = False

    @property
    def pending(self) -> AnnotatedFrame | None:
        """The frame that has not been sent yet."""
        return self._frame

    def offer(self, frame: AnnotatedFrame) -> None:
        """Replace the pending frame unless that is newer."""
        if self._frame is None or frame.source.number > self._frame.source.number:
            self._frame = frame
            self._changed.set()

    async def next(self) -> AnnotatedFrame | None:
        """Wait for a frame newer than all sent before that may be sent; None once closed."""
        while not self._closed:
            frame, self._frame = self._frame, None
            if frame is not None and self._may_send(frame):
                self._last_sent = frame.source.number
                return frame
            self._changed.clear()
            await self._changed.wait()
        return None

    def close(self) -> None:
        """Drop the pending frame and wake all waiting calls."""
        self._closed, self._frame = True, None
        self._changed.set()

    def _may_send(self, frame: AnnotatedFrame) -> bool:
        hide = self._settings().draw.hiding is not None
        return frame.source.number > self._last_sent and (frame.hidden or not hide)
