"""Ends uploads that stall or crawl, and gives each address a share of what is being received.

What has arrived of an upload stays in memory until the rest has come. A few clients that stop in
the middle would hold all of the memory for uploads for as long as they stay connected.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from realtime.media.limits import (
    MAX_ADDRESS_RECEIVED_BYTES,
    MAX_UPLOAD_STALL_S,
    MIN_UPLOAD_BYTES_PER_S,
    UPLOAD_RATE_WINDOW_S,
)

REQUEST_TIMEOUT, INSUFFICIENT_STORAGE = 408, 507


class UploadEndedError(OSError):
    """An upload is not received any further.

    It is an OSError because Starlette then closes the files that it has received so far.

    Attributes:
        status: the HTTP status.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


class UploadPace:
    """ASGI middleware: receive the body of a request only while it makes progress.

    Args:
        app: what answers the requests.
        stall_s: how long nothing may arrive.
        rate_bytes_per_s: how much has to arrive on average over each `window_s`.
        window_s: as above; only time that is spent waiting for the sender counts.
        address_bytes: of all bodies of one address that are being received or answered.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        stall_s: float = MAX_UPLOAD_STALL_S,
        rate_bytes_per_s: int = MIN_UPLOAD_BYTES_PER_S,
        window_s: float = UPLOAD_RATE_WINDOW_S,
        address_bytes: int = MAX_ADDRESS_RECEIVED_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app, self._clock = app, clock
        self._stall_s, self._window_s = stall_s, window_s
        self._window_bytes = rate_bytes_per_s * window_s
        self._address_bytes = address_bytes
        self._held = Counter[str]()  # bytes by address; requests share the event loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, unless its body stops arriving."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        address = (scope.get("client") or ("",))[0]
        body = _Body(self, receive, address)
        try:
            await self._app(scope, body.receive, send)
        except UploadEndedError as error:
            # The rest of the body is not read, so no other request can follow it.
            headers = {"Connection": "close"}
            response = PlainTextResponse(str(error), error.status, headers)
            await response(scope, receive, send)
        finally:
            self._held[address] -= body.size
            if not self._held[address]:
                del self._held[address]

    def held_bytes(self, address: str) -> int:
        """Size of what an address is sending and has sent of unanswered requests."""
        return self._held[address]


class _Body:
    """The body of one request.

    Attributes:
        size: bytes received so far.
    """

    def __init__(self, pace: UploadPace, receive: Receive, address: str) -> None:
        self._pace, self._receive, self._address = pace, receive, address
        self._complete = False
        self._window_waited_s = 0.0
        self._window_size = 0
        self.size = 0

    async def receive(self) -> Message:
        """The next part of the body, or what follows it.

        Raises:
            UploadEndedError: it does not come in time, or is too much for one address.
        """
        if self._complete:  # what comes now is the end of the connection, whenever that is
            return await self._receive()
        start_s = self._pace._clock()
        try:
            async with asyncio.timeout(self._pace._stall_s):
                message = await self._receive()
        except TimeoutError:
            raise _too_slow() from None
        # What the application does in between, such as waiting for its turn, is not the sender's.
        self._window_waited_s += self._pace._clock() - start_s
        self._complete = not message.get("more_body", False)
        self._count(len(message.get("body", b"")))
        return message

    def _count(self, size: int) -> None:
        pace = self._pace
        self.size += size
        self._window_size += size
        pace._held[self._address] += size
        if pace._held[self._address] > pace._address_bytes:
            raise UploadEndedError(
                INSUFFICIENT_STORAGE, "Wait until your other uploads have arrived, then try again."
            )
        if self._window_waited_s >= pace._window_s and not self._complete:
            if self._window_size < pace._window_bytes:
                raise _too_slow()
            self._window_waited_s, self._window_size = 0.0, 0


def _too_slow() -> UploadEndedError:
    return UploadEndedError(
        REQUEST_TIMEOUT, "The upload is too slow: try a smaller file or a better connection."
    )
