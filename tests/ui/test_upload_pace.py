"""Uploads that stall or crawl are ended, and one address cannot take all memory for uploads."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import pytest
from starlette import formparsers
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from realtime.ui.upload_memory import MemoryFile, UploadBudget
from realtime.ui.upload_pace import UploadPace

HEAD = b'--b\r\nContent-Disposition: form-data; name="f"; filename="a.mp4"\r\n\r\n'
END = b"\r\n--b--\r\n"
MEGABYTE = bytes(1_000_000)
Part = tuple[float, bytes]  # seconds after the one before


class FakeClockLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer instead of waiting for it."""

    def __init__(self) -> None:
        self._jumped_s = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._jumped_s


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self, loop: FakeClockLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop._jumped_s += timeout or 0.0
        return super().select(0)


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch) -> UploadBudget:
    made = UploadBudget()
    monkeypatch.setattr(formparsers, "SpooledTemporaryFile", lambda max_size: MemoryFile(made))
    return made


class Server:
    """An application that receives a form, and its clients."""

    def __init__(self, address_bytes: int = 5_000_000) -> None:
        pace = Middleware(
            UploadPace,
            address_bytes=address_bytes,
            clock=lambda: asyncio.get_running_loop().time(),
        )
        routes = [
            Route("/", self._upload, methods=["PUT"]),
            Route("/slow", self._slow),
            Route("/busy", self._busy, methods=["PUT"]),
        ]
        self.app = Starlette(routes=routes, middleware=[pace])

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            return PlainTextResponse(str(len(await form["f"].read())))  # type: ignore[union-attr]

    async def _slow(self, request: Request) -> Response:
        async def parts() -> AsyncIterator[bytes]:
            for _ in range(10):
                await asyncio.sleep(30)
                yield b"x"

        return StreamingResponse(parts())

    async def _busy(self, request: Request) -> Response:
        size = 0
        async for part in request.stream():
            size += len(part)
            await asyncio.sleep(30)  # as for a free process that decodes pictures
        return PlainTextResponse(str(size))

    async def send(
        self, parts: list[Part], address: str = "192.0.2.1", *, path: str = "/"
    ) -> tuple[int, bytes, bool]:
        """Status, body, and whether the connection is closed then."""
        sent: list[Message] = []
        left = list(parts)

        async def receive() -> Message:
            if not left:
                await asyncio.sleep(10_000)
                return {"type": "http.disconnect"}
            pause_s, data = left.pop(0)
            await asyncio.sleep(pause_s)
            return {"type": "http.request", "body": data, "more_body": bool(left)}

        async def send(message: Message) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": "GET" if path == "/slow" else "PUT",
            "path": path,
            "query_string": b"",
            "headers": [(b"content-type", b"multipart/form-data; boundary=b")],
            "client": (address, 1),
        }
        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent)
        return sent[0]["status"], body, (b"connection", b"close") in sent[0]["headers"]


def run(scenario: Callable[[], Coroutine[Any, Any, None]]) -> None:
    with asyncio.Runner(loop_factory=FakeClockLoop) as runner:
        runner.run(scenario())


def test_an_upload_that_stalls_is_ended_and_frees_its_memory(budget: UploadBudget) -> None:
    async def scenario() -> None:
        client = asyncio.create_task(Server().send([(0, HEAD + MEGABYTE), (100_000, END)]))
        await asyncio.sleep(19)
        assert budget.used_bytes > 900_000
        await asyncio.sleep(2)
        assert client.done()
        status, body, closed = client.result()
        assert (status, closed) == (408, True)
        assert b"too slow" in body
        assert budget.used_bytes == 0

    run(scenario)


def test_an_upload_that_crawls_is_ended_after_a_minute(budget: UploadBudget) -> None:
    async def scenario() -> None:
        crawling = [(0.0, HEAD + MEGABYTE), *[(10.0, bytes(1000))] * 100, (0.0, END)]
        assert (await Server().send(crawling))[0] == 408
        assert 60 <= asyncio.get_running_loop().time() <= 130  # the first megabyte came fast
        assert budget.used_bytes == 0

    run(scenario)


@pytest.mark.usefixtures("budget")
def test_slow_and_short_uploads_arrive() -> None:
    async def scenario() -> None:
        slow = [(0.0, HEAD), *[(15.0, bytes(250_000))] * 16, (15.0, END)]
        assert (await Server().send(slow))[:2] == (200, b"4000000")
        short = [(0.0, HEAD), (15.0, b"a"), (15.0, b"b"), (15.0, b"c"), (17.0, END)]
        assert (await Server().send(short))[:2] == (200, b"3")

    run(scenario)


@pytest.mark.usefixtures("budget")
def test_an_address_has_a_share_and_others_have_theirs() -> None:
    async def scenario() -> None:
        server = Server(address_bytes=2_500_000)
        slow = [(0.0, HEAD + 2 * MEGABYTE), (10.0, END)]
        first = asyncio.create_task(server.send(slow))
        await asyncio.sleep(1)
        large = [(0.0, HEAD + MEGABYTE + END)]
        status, body, closed = await server.send(large)
        assert (status, closed) == (507, True)
        assert b"your other uploads" in body
        assert (await server.send(large, "192.0.2.2"))[0] == 200
        assert (await first)[0] == 200
        assert (await server.send(large))[0] == 200  # the share is free again

    run(scenario)


def test_waiting_for_the_server_is_not_slow_sending() -> None:
    async def scenario() -> None:
        status, body, _ = await Server().send([(0.5, bytes(1000))] * 10, path="/busy")
        assert (status, body) == (200, b"10000")

    run(scenario)


@pytest.mark.usefixtures("budget")
def test_slow_answers_are_not_ended() -> None:
    async def scenario() -> None:
        status, body, _ = await Server().send([(0.0, b"")], path="/slow")
        assert (status, body) == (200, b"x" * 10)

    run(scenario)
