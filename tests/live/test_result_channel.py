"""Results reach only the page that has the token, newest first; a slow page gets fewer."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from websockets.exceptions import ConnectionClosedError, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from realtime.live.result_channel import (
    GONE_S,
    HEAD,
    MAX_IN_FLIGHT,
    UNREAD_S,
    ResultChannel,
    _Message,
    find_channel,
)
from realtime.ui.live.result_socket import PATH, PROTOCOL, results_routes

WAIT_S = 10.0


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def number_of(message: bytes | None) -> int:
    assert message is not None
    return int(HEAD.unpack_from(message)[0])


def test_reading_ends_when_the_browser_no_longer_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.live.result_channel.UNREAD_S", 0.01)

    async def scenario() -> None:
        clock = Clock()
        reader = ResultChannel(clock).open()
        for number in range(MAX_IN_FLIGHT + 1):
            reader.offer(_Message(number, 0.0, b"x"))
            if number < MAX_IN_FLIGHT:
                await reader.next()
        waiting = asyncio.create_task(reader.next())
        clock.now_s += GONE_S - 1
        await asyncio.sleep(0.05)
        assert not waiting.done()
        clock.now_s += 2
        assert await asyncio.wait_for(waiting, WAIT_S) is None
        assert not reader.reading

    asyncio.run(scenario())


def test_a_slow_page_gets_few_messages_and_then_the_newest() -> None:
    async def scenario() -> None:
        channel = ResultChannel(Clock())
        reader = channel.open()
        sent = []
        for number in range(50):
            channel.offer(number, 0.0, b"x")
            if number < MAX_IN_FLIGHT:
                sent.append(number_of(await reader.next()))
        waiting = asyncio.create_task(reader.next())
        await asyncio.sleep(0.01)
        assert sent == list(range(MAX_IN_FLIGHT))
        assert not waiting.done()
        reader.acknowledge(0)
        assert number_of(await waiting) == 49  # and nothing of what lies between
        reader.close()

    asyncio.run(scenario())


def test_a_message_says_how_old_it_is_and_how_long_the_way_takes() -> None:
    async def scenario() -> None:
        clock = Clock()
        channel = ResultChannel(clock)
        reader = channel.open()
        channel.offer(7, 99.97, b"body")
        message = await reader.next()
        assert message is not None
        assert HEAD.unpack_from(message) == pytest.approx((7, 30.0, -1.0))
        assert message[HEAD.size :] == b"body"
        clock.now_s += 0.08
        reader.acknowledge(7)
        channel.offer(8, clock.now_s, b"")
        assert HEAD.unpack_from(await reader.next() or b"") == pytest.approx((8, 0.0, 80.0))
        reader.close()

    asyncio.run(scenario())


def test_a_page_that_no_longer_acknowledges_does_not_count_as_connected() -> None:
    async def scenario() -> None:
        clock = Clock()
        channel = ResultChannel(clock)
        assert not channel.connected
        reader = channel.open()
        channel.offer(1, 0.0, b"")
        await reader.next()
        assert channel.connected
        clock.now_s += UNREAD_S + 0.1
        assert not channel.connected
        reader.acknowledge(1)
        assert channel.connected
        channel.release(reader)
        assert not channel.connected

    asyncio.run(scenario())


def test_tokens_cannot_be_guessed_and_die_with_the_stream() -> None:
    channels = [ResultChannel() for _ in range(100)]
    tokens = {channel.token for channel in channels}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43  # 256 bits
    assert find_channel(channels[0].token) is channels[0]
    token = channels[0].token
    channels[0].close()
    assert find_channel(token) is None
    unused = channels.pop().token
    assert find_channel(unused) is None  # never started, and forgotten with its page


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """The port of a server with the route alone."""
    app = Starlette(routes=results_routes())
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join(WAIT_S)


def opened(port: int, token: str) -> ClientConnection:
    """A connection of the stream's page, past its first message."""
    connection = connect(
        f"ws://127.0.0.1:{port}/{PATH}",
        origin=f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
        subprotocols=[PROTOCOL, token],  # type: ignore[list-item]
        proxy=None,
    )
    assert connection.subprotocol == PROTOCOL  # not the token
    assert "edges" in str(connection.recv(WAIT_S))
    return connection


def refused(port: int, protocols: list[str], origin: str | None = None) -> bool:
    try:
        connect(
            f"ws://127.0.0.1:{port}/{PATH}",
            origin=origin or f"http://127.0.0.1:{port}",  # type: ignore[arg-type]
            subprotocols=protocols or None,  # type: ignore[arg-type]
            proxy=None,
        ).close()
    except InvalidStatus as error:
        return error.response.status_code == 403
    return False


@pytest.mark.parametrize("protocols", [[], [PROTOCOL], [PROTOCOL, "guess"], ["other", "TOKEN"]])
def test_pages_without_the_token_are_refused(port: int, protocols: list[str]) -> None:
    channel = ResultChannel()
    assert refused(port, [channel.token if p == "TOKEN" else p for p in protocols])


@pytest.mark.parametrize("origin", ["https://other.example", "http://192.0.2.7:8501", "null"])
def test_pages_of_other_sites_are_refused(
    port: int, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without the app around it, Streamlit would look up its outside address.
    monkeypatch.setattr("streamlit.net_util.get_external_ip", lambda: None)
    channel = ResultChannel()
    assert refused(port, [PROTOCOL, channel.token], origin)
    assert not channel.connected


def wait_until(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.01)


def body_of(connection: ClientConnection) -> bytes:
    message = connection.recv(WAIT_S)
    assert isinstance(message, bytes)
    return message[HEAD.size :]


def test_two_pages_get_only_their_own_results(port: int) -> None:
    one, two = ResultChannel(), ResultChannel()
    with opened(port, one.token) as first, opened(port, two.token) as second:
        one.offer(1, 0.0, b"one")
        two.offer(1, 0.0, b"two")
        assert (body_of(first), body_of(second)) == (b"one", b"two")
        first.send("1")
        one.close()  # the stream ends
        with pytest.raises(ConnectionClosedOK):
            first.recv(WAIT_S)
        assert refused(port, [PROTOCOL, one.token])
        two.offer(2, 0.0, b"two")
        assert body_of(second) == b"two"
    wait_until(lambda: not two.connected)


@pytest.mark.parametrize("text", ["", "x", "-1", "9" * 11, "٣"])
def test_a_page_that_sends_anything_else_is_disconnected(port: int, text: str) -> None:
    channel = ResultChannel()
    with opened(port, channel.token) as connection:
        connection.send(text)
        with pytest.raises(ConnectionClosedError):
            connection.recv(WAIT_S)
    wait_until(lambda: not channel.connected)


def test_a_page_that_connects_again_replaces_its_first_connection(port: int) -> None:
    channel = ResultChannel()
    with opened(port, channel.token) as first, opened(port, channel.token) as second:
        with pytest.raises(ConnectionClosedOK):
            first.recv(WAIT_S)
        channel.offer(1, 0.0, b"x")
        assert body_of(second) == b"x"
