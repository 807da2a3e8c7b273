"""Live results of `watch` over a WebSocket, for any page that is allowed to read them."""

from __future__ import annotations

import asyncio
import hmac
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from realtime.core.errors import FaceStreamError
from realtime.core.hosts import is_local
from realtime.core.threads import lower_priority, name_thread
from realtime.watch.hub import Reader, ResultsHub

TOKEN_VARIABLE = "FACESTREAM_WATCH_TOKEN"
MIN_TOKEN_LENGTH = 16
PATH = "/results"
PROTOCOL = "facestream"  # a page's token follows it as a second protocol: addresses are logged
MAX_READERS = 32
SEND_S = 10.0  # for one message; then the reader counts as gone
REFUSED, FULL = 1008, 1013  # codes of RFC 6455
START_S = 5.0


class ServeError(FaceStreamError, ValueError):
    """The results cannot be served; the message says what to change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """Where results are served, and to whom.

    Attributes:
        host, port: where to listen; port 0 is any free one.
        token: what readers must present; empty: nothing, on this machine alone.
        origins: pages that may read besides those of this machine, such as "https://example.org".
    """

    host: str
    port: int
    token: str = ""
    origins: tuple[str, ...] = ()

    def allows(self, origin: str | None) -> bool:
        """Whether a page of this origin may read; None is no page but a program."""
        if origin is None or origin in self.origins:
            return True
        try:
            host = urlsplit(origin).hostname
        except ValueError:
            return False
        return host is not None and is_local(self.host) and is_local(host)


def serve_settings(
    address: str, environ: Mapping[str, str], origins: Sequence[str] = ()
) -> ServeSettings:
    """Read an address such as "localhost:8600".

    Args:
        address: host and port.
        environ: environment variables, with the token.
        origins: further pages that may read.

    Raises:
        ServeError: the address is invalid, or everyone could read without a token.
    """
    host, colon, port = address.rpartition(":")
    host = host.strip("[]")
    if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ServeError(f"--serve needs HOST:PORT, such as localhost:8600, got {address!r}.")
    token = environ.get(TOKEN_VARIABLE, "")
    if len(token) < MIN_TOKEN_LENGTH and (token or not is_local(host)):
        raise ServeError(
            f"To serve results on {host}, set {TOKEN_VARIABLE} to a random text of at least "
            f"{MIN_TOKEN_LENGTH} characters; readers must present it."
        )
    for origin in origins:
        parts = urlsplit(origin)
        if not parts.scheme or not parts.netloc or parts.path:
            raise ServeError(f"An origin is a scheme and a host, without a path; got {origin!r}.")
    return ServeSettings(host=host, port=int(port), token=token, origins=tuple(origins))


class ResultsServer:
    """A server in a thread of its own.

    Args:
        settings: where and for whom.

    Attributes:
        hub: takes results and hands them to the readers.
        url: the address of the WebSocket.

    Raises:
        ServeError: the address cannot be used.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self._settings = settings
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        try:
            self._socket = socket.create_server((settings.host, settings.port), family=family)
        except OSError as error:
            raise ServeError(
                f"{settings.host}:{settings.port} cannot be used: {error.strerror}."
            ) from None
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        self.url = f"ws://{host}:{self._socket.getsockname()[1]}{PATH}"
        self._loop = asyncio.new_event_loop()
        self.hub = ResultsHub(self._loop)
        app = Starlette(routes=[WebSocketRoute(PATH, self._send_results)])
        self._server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                lifespan="off",
                ws_max_size=1024,  # readers have nothing to say
                ws_max_queue=4,
                limit_concurrency=2 * MAX_READERS,
                timeout_graceful_shutdown=1,
            )
        )
        self._thread = threading.Thread(target=self._run, name="facestream-ws", daemon=True)
        self._thread.start()

    def close(self, timeout_s: float = 2.0) -> None:
        """End all connections and the thread."""
        self.hub.close()
        self._server.should_exit = True
        self._thread.join(timeout_s)

    def _run(self) -> None:
        name_thread("facestream-ws")
        lower_priority()
        asyncio.set_event_loop(self._loop)
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._server.serve(sockets=[self._socket]))

    async def _send_results(self, websocket: WebSocket) -> None:
        protocols = websocket.scope.get("subprotocols", [])
        if not self._may_read(websocket, protocols):
            return await websocket.close(REFUSED)  # not accepted yet, so that this is HTTP's 403
        await websocket.accept(PROTOCOL if protocols else None)
        if len(self.hub) >= MAX_READERS:
            return await websocket.close(FULL)
        reader = self.hub.join()
        sending = asyncio.create_task(_send(websocket, reader))
        try:
            await _until_closed(websocket)
        finally:
            self.hub.leave(reader)
            sending.cancel()

    def _may_read(self, websocket: WebSocket, protocols: Sequence[str]) -> bool:
        if not self._settings.allows(websocket.headers.get("origin")):
            return False
        if protocols and protocols[0] != PROTOCOL:
            return False
        if not self._settings.token:
            return True
        header = websocket.headers.get("authorization", "")
        given = protocols[1] if len(protocols) == 2 else header.removeprefix("Bearer ")
        return hmac.compare_digest(given.encode(), self._settings.token.encode())


async def _send(websocket: WebSocket, reader: Reader) -> None:
    with suppress(WebSocketDisconnect, RuntimeError, OSError):  # it went away meanwhile
        with suppress(TimeoutError):
            while (text := await reader.next()) is not None:
                async with asyncio.timeout(SEND_S):
                    await websocket.send_text(text)
        await websocket.close()


async def _until_closed(websocket: WebSocket) -> None:
    """Ignore what a reader says, until it closes the connection."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while (await websocket.receive())["type"] == "websocket.receive":
            pass
