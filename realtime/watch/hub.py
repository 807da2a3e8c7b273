"""Live results for many readers, each at its own pace: newest frame only, latest events."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from contextlib import suppress
from typing import Any

from realtime.events.event import Message, Phase

MAX_EVENTS = 100  # that wait for a slow reader; its oldest are dropped


class Reader:
    """One reader's end; for the event loop."""

    def __init__(self) -> None:
        self._frame: str | None = None
        self._events = deque[str](maxlen=MAX_EVENTS)
        self._changed = asyncio.Event()
        self._closed = False

    def set_frame(self, text: str) -> None:
        """Replace the frame that has not been read yet."""
        self._frame = text
        self._changed.set()

    def add_event(self, text: str) -> None:
        """Add an event."""
        self._events.append(text)
        self._changed.set()

    def close(self) -> None:
        """End `next`."""
        self._closed = True
        self._changed.set()

    async def next(self) -> str | None:
        """Wait for the next message, events first; None once closed."""
        while not self._closed:
            if self._events:
                return self._events.popleft()
            if self._frame is not None:
                text, self._frame = self._frame, None
                return text
            self._changed.clear()
            await self._changed.wait()
        return None


class ResultsHub:
    """Implements `realtime.watch.loop.FrameOutput`; its readers live in an event loop.

    Args:
        loop: the readers' loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._readers: set[Reader] = set()
        self._active: dict[str, str] = {}  # events that have not ended, for new readers

    def __len__(self) -> int:
        return len(self._readers)

    @property
    def wanted(self) -> bool:
        """Whether anyone reads."""
        return bool(self._readers)

    def offer_frame(self, record: dict[str, Any], time_s: float) -> None:
        """See `FrameOutput`."""
        text = json.dumps({"type": "frame", **record}, ensure_ascii=False)
        self._call(self._set_frame, text)

    def offer_event(self, message: Message) -> None:
        """See `FrameOutput`."""
        self._call(self._add_event, message)

    def join(self) -> Reader:
        """Begin to read; the first messages are the events that last. For the event loop."""
        reader = Reader()
        for text in self._active.values():
            reader.add_event(text)
        self._readers.add(reader)
        return reader

    def leave(self, reader: Reader) -> None:
        """End reading. For the event loop."""
        self._readers.discard(reader)
        reader.close()

    def close(self) -> None:
        """End all reading. For any thread."""
        self._call(self._close)

    def _close(self) -> None:
        for reader in list(self._readers):
            self.leave(reader)

    def _set_frame(self, text: str) -> None:
        for reader in self._readers:
            reader.set_frame(text)

    def _add_event(self, message: Message) -> None:
        text = json.dumps({"type": "event", **message.record}, ensure_ascii=False)
        key = str(message.record["id"])
        if message.event.phase is Phase.START:
            self._active[key] = text
        else:
            self._active.pop(key, None)
        for reader in self._readers:
            reader.add_event(text)

    def _call(self, act: Any, *values: Any) -> None:
        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(act, *values)
