"""The way out of a live stream: the newest finished frame, given out once and in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import Output


class Outbox:
    """Holds one finished frame for whoever waits for the next; the event loop's alone.

    Args:
        settings: what the viewer has chosen by now; where faces are to be hidden, frames that show
            them stay here.
    """

    def __init__(self, settings: Callable[[], StreamSettings]) -> None:
        self._settings = settings
        self._output: Output | None = None
        self._changed = asyncio.Event()
        self._sent = -1
        self._closed = False

    @property
    def waiting(self) -> Output | None:
        """What nobody has fetched yet."""
        return self._output

    def offer(self, output: Output) -> None:
        """Take the place of what waits, unless that is newer."""
        if self._output is None or output.shot.number > self._output.shot.number:
            self._output = output
            self._changed.set()

    async def next(self) -> Output | None:
        """The next frame that may leave, newer than all that left before; None once closed."""
        while not self._closed:
            output, self._output = self._output, None
            if output is not None and self._may_leave(output):
                self._sent = output.shot.number
                return output
            self._changed.clear()
            await self._changed.wait()
        return None

    def close(self) -> None:
        """Keep nothing, and let go of whoever waits."""
        self._closed, self._output = True, None
        self._changed.set()

    def _may_leave(self, output: Output) -> bool:
        hide = self._settings().draw.hiding is not None
        return output.shot.number > self._sent and (output.hidden or not hide)
