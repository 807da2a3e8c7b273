"""The WebSocket by which a page receives its stream's results, to draw them itself."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import cache
from urllib.parse import urlsplit

import streamlit as st
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.server_util import is_url_from_allowed_origins

from realtime.live.result_channel import ResultReader, find_channel

PATH = "facestream/results"
# The token comes as a second protocol and not in the address, which servers and proxies log.
PROTOCOL = "facestream"
MAX_ACKNOWLEDGEMENT = 10  # characters; a frame's number
REFUSED, UNSUPPORTED = 1008, 1003  # codes of RFC 6455


def results_path() -> str:
    """The path of the WebSocket on this server."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/{PATH}" if base else f"/{PATH}"


def results_routes() -> list[WebSocketRoute]:
    """The routes for the server."""
    return [WebSocketRoute(results_path(), send_results)]


async def send_results(socket: WebSocket) -> None:
    """Send a stream's results to its page until either of them ends."""
    protocols = socket.scope.get("subprotocols", [])
    known = len(protocols) == 2 and protocols[0] == PROTOCOL
    channel = find_channel(protocols[1]) if known else None
    if channel is None or not _own_origin(socket):
        return await socket.close(REFUSED)  # not accepted yet, so that this is HTTP's 403
    await socket.accept(PROTOCOL)
    reader = channel.open()
    sending = asyncio.create_task(_send(socket, reader))
    try:
        await _receive(socket, reader)
    finally:
        channel.release(reader)
        sending.cancel()


async def _send(socket: WebSocket, reader: ResultReader) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # it went away meanwhile
        await socket.send_text(_style())
        while (message := await reader.next()) is not None:
            await socket.send_bytes(message)
        await socket.close()


async def _receive(socket: WebSocket, reader: ResultReader) -> None:
    """Take acknowledgements until the page closes the socket or sends anything else."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            event = await socket.receive()
            text = event.get("text") or ""
            if event["type"] != "websocket.receive":
                return
            if not (text.isascii() and text.isdigit() and len(text) <= MAX_ACKNOWLEDGEMENT):
                return await socket.close(UNSUPPORTED)
            reader.acknowledge(int(text))


def _own_origin(socket: WebSocket) -> bool:
    """Whether the page is of this site, by Streamlit's own rule for its WebSocket."""
    origin = socket.headers.get("origin")
    if origin is None:  # not a browser; it knows the token
        return True
    same = urlsplit(origin).netloc == socket.headers.get("host")
    return same or is_url_from_allowed_origins(origin)


@cache
def _style() -> str:
    from realtime.render.overlay import style_message  # with OpenCV, which starts slowly

    return style_message()
