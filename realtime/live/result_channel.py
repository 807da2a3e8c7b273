"""The results of one stream, for the browser that shows it: newest only, to one reader.

The browser acknowledges each message. Few may be on their way at once, so that on a slow network
messages are left out instead of arriving late, and the time until the acknowledgement is the round
trip by which the browser knows how old a result is.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import struct
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

MAX_IN_FLIGHT = 4  # messages without acknowledgement: at 30 Hz, a round trip of 130 ms
UNREAD_S = 1.0  # a message waits longer for its acknowledgement: the server draws meanwhile
GONE_S = 10.0  # no acknowledgement for this long: the browser is no longer there
TOKEN_BYTES = 32
RTT_WEIGHT = 0.2  # of the latest round trip in their average
# Before each body: number of the frame, milliseconds from its arrival until now, round trip in
# milliseconds (negative if unknown).
HEAD = struct.Struct("<Iff")


@dataclass(frozen=True, slots=True)
class _Message:
    """A frame's message, its number in the stream and its arrival on the stream's clock."""

    number: int
    received_s: float
    body: bytes


class ResultReader:
    """One browser's end of a channel; use `next` and `acknowledge` in the event loop.

    Args:
        clock: monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._newest: deque[_Message] = deque(maxlen=1)
        self._in_flight: deque[tuple[int, float]] = deque()  # number, time of sending
        self._changed = asyncio.Event()
        self._rtt_s: float | None = None
        self._closed = False

    @property
    def reading(self) -> bool:
        """Whether the browser still acknowledges what it is sent."""
        return not self._closed and self._unread_s() < UNREAD_S

    def _unread_s(self) -> float:
        """How long the oldest message has waited for its acknowledgement; 0 if none waits."""
        try:
            _, sent_s = self._in_flight[0]
        except IndexError:  # another thread may ask
            return 0.0
        return self._clock() - sent_s

    def offer(self, message: _Message) -> None:
        """Replace the message that has not been sent yet. For any thread."""
        self._newest.append(message)
        self._notify()

    async def next(self) -> bytes | None:
        """Wait for a message that may be sent, and return it.

        Returns:
            None once closed, or once the browser has left a message unacknowledged for `GONE_S`.
        """
        while not self._closed:
            self._changed.clear()
            if self._newest and len(self._in_flight) < MAX_IN_FLIGHT:
                message, now_s = self._newest.popleft(), self._clock()
                self._in_flight.append((message.number, now_s))
                age_ms = (now_s - message.received_s) * 1e3
                rtt_ms = -1.0 if self._rtt_s is None else self._rtt_s * 1e3
                return HEAD.pack(message.number & 0xFFFFFFFF, age_ms, rtt_ms) + message.body
            if self._unread_s() > GONE_S:
                self.close()
                break
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), UNREAD_S)
        return None

    def acknowledge(self, number: int) -> None:
        """Note that the browser has received this message, and all before it."""
        while self._in_flight and self._in_flight[0][0] <= number:
            acknowledged, sent_s = self._in_flight.popleft()
            if acknowledged == number:
                rtt_s = self._clock() - sent_s
                before_s = rtt_s if self._rtt_s is None else self._rtt_s
                self._rtt_s = before_s + RTT_WEIGHT * (rtt_s - before_s)
        self._changed.set()

    def close(self) -> None:
        """Drop what has not been sent, and end `next`. For any thread."""
        self._closed = True
        self._newest.clear()
        self._notify()

    def _notify(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._changed.set)


class ResultChannel:
    """Passes a stream's results on to the browser that knows its token.

    Args:
        clock: monotonic time in seconds.

    Attributes:
        token: a secret that only the page of the stream is given.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.token = secrets.token_urlsafe(TOKEN_BYTES)
        self._clock = clock
        self._reader: ResultReader | None = None
        _channels[self.token] = self

    @property
    def connected(self) -> bool:
        """Whether a browser reads the results. For any thread."""
        reader = self._reader
        return reader is not None and reader.reading

    def offer(self, number: int, received_s: float, body: bytes) -> None:
        """Hand over a frame's message; it replaces one that has not been sent. For any thread."""
        reader = self._reader
        if reader is not None:
            reader.offer(_Message(number, received_s, body))

    def open(self) -> ResultReader:
        """Begin reading, in the event loop; an earlier reader is closed."""
        if self._reader is not None:
            self._reader.close()
        self._reader = ResultReader(self._clock)
        return self._reader

    def release(self, reader: ResultReader) -> None:
        """End this reader."""
        reader.close()
        if self._reader is reader:
            self._reader = None

    def close(self) -> None:
        """End the channel: its token is no longer valid. For any thread."""
        _channels.pop(self.token, None)
        if self._reader is not None:
            self.release(self._reader)


# Weak: a stream that is never started is never stopped either.
_channels: WeakValueDictionary[str, ResultChannel] = WeakValueDictionary()


def find_channel(token: str) -> ResultChannel | None:
    """The channel of the running stream with that token."""
    return _channels.get(token)
