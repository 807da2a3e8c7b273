"""Live results over a WebSocket: who may read them, and how slow readers fare."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from realtime.events.event import Phase
from realtime.watch import serve
from realtime.watch.hub import MAX_EVENTS, ResultsHub
from realtime.watch.serve import ResultsServer, ServeError, ServeSettings, serve_settings
from tests.events.builders import sample_message
from tests.watch.cameras import wait_for

TOKEN = "a token of the tests"


@pytest.fixture
def server() -> Iterator[ResultsServer]:
    server = ResultsServer(ServeSettings(host="127.0.0.1", port=0))
    yield server
    server.close()


@pytest.fixture
def guarded() -> Iterator[ResultsServer]:
    server = ResultsServer(
        ServeSettings(host="127.0.0.1", port=0, token=TOKEN, origins=("https://example.org",))
    )
    yield server
    server.close()


def receive(client: ClientConnection) -> dict[str, Any]:
    message = json.loads(client.recv(timeout=30))
    assert isinstance(message, dict)
    return message


def test_frames_and_events_arrive(server: ResultsServer) -> None:
    assert not server.hub.wanted
    with connect(server.url) as client:
        wait_for(lambda: server.hub.wanted)
        server.hub.offer_frame({"frame": 1, "faces": []}, 0.0)
        assert receive(client) == {"type": "frame", "frame": 1, "faces": []}
        server.hub.offer_event(sample_message())
        event = receive(client)
        assert (event["type"], event["rule"], event["phase"]) == ("event", "mask_missing", "start")
    wait_for(lambda: not server.hub.wanted)


def test_a_new_reader_is_told_what_lasts(server: ResultsServer) -> None:
    for number, phase in ((1, Phase.START), (2, Phase.START), (1, Phase.END)):
        server.hub.offer_event(sample_message(number, phase))
    with connect(server.url) as client:
        assert receive(client)["id"] == "test-2"


@pytest.mark.parametrize("origin", [None, "http://localhost:8000", "http://127.0.0.1"])
def test_pages_of_this_machine_may_read(server: ResultsServer, origin: Any) -> None:
    with connect(server.url, origin=origin):
        pass


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::1"]
)
def test_other_pages_may_not(server: ResultsServer, origin: Any) -> None:
    with pytest.raises(InvalidStatus, match="403"), connect(server.url, origin=origin):
        pass


def test_a_token_in_a_header_or_as_protocol(guarded: ResultsServer) -> None:
    origin: Any = "https://example.org"
    header = {"Authorization": f"Bearer {TOKEN}"}
    with connect(guarded.url, additional_headers=header):
        pass
    protocols: Any = ["facestream", TOKEN.replace(" ", "-")]
    with pytest.raises(InvalidStatus, match="403"), connect(guarded.url, subprotocols=protocols):
        pass
    for refused in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": ""}):
        with (
            pytest.raises(InvalidStatus, match="403"),
            connect(guarded.url, additional_headers=refused, origin=origin),
        ):
            pass


def test_a_page_presents_its_token_as_a_protocol() -> None:
    token = "a-token-of-the-tests"
    server = ResultsServer(ServeSettings(host="127.0.0.1", port=0, token=token))
    protocols: Any = ["facestream", token]
    try:
        with connect(server.url, subprotocols=protocols) as client:
            assert client.subprotocol == "facestream"
    finally:
        server.close()


def test_a_reader_that_says_too_much_is_cut_off(server: ResultsServer) -> None:
    with connect(server.url) as client:
        client.send("hello")  # ignored
        client.send("x" * 100_000)
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=30)


def test_the_number_of_readers_is_limited(
    server: ResultsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MAX_READERS", 1)
    with connect(server.url):
        wait_for(lambda: len(server.hub) == 1)
        with connect(server.url) as second, pytest.raises(ConnectionClosed):
            second.recv(timeout=30)


def test_the_end_of_the_stream_closes_the_connection(server: ResultsServer) -> None:
    with connect(server.url) as client:
        wait_for(lambda: server.hub.wanted)
        server.close()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=30)


def test_a_slow_reader_gets_the_newest_frame_and_the_latest_events() -> None:
    async def read() -> list[dict[str, Any]]:
        hub = ResultsHub(asyncio.get_running_loop())
        reader = hub.join()
        for number in range(1000):
            hub.offer_frame({"frame": number}, 0.0)
            hub.offer_event(sample_message(number))
        await asyncio.sleep(0)
        return [json.loads(await reader.next() or "") for _ in range(MAX_EVENTS + 1)]

    *events, frame = asyncio.run(read())
    assert frame == {"type": "frame", "frame": 999}
    assert [event["id"] for event in events] == [
        f"test-{n}" for n in range(1000 - MAX_EVENTS, 1000)
    ]


def test_addresses_and_tokens() -> None:
    assert serve_settings("localhost:8600", {}) == ServeSettings(host="localhost", port=8600)
    assert serve_settings("[::1]:80", {}).host == "::1"
    for address in ("8600", ":8600", "localhost:", "localhost:x", "localhost:99999"):
        with pytest.raises(ServeError, match="HOST:PORT"):
            serve_settings(address, {})
    with pytest.raises(ServeError, match="set FACESTREAM_WATCH_TOKEN"):
        serve_settings("0.0.0.0:8600", {})
    with pytest.raises(ServeError, match="at least 16"):
        serve_settings("0.0.0.0:8600", {"FACESTREAM_WATCH_TOKEN": "short"})
    with pytest.raises(ServeError, match="origin"):
        serve_settings("localhost:80", {}, ["https://example.org/page"])


def test_a_port_that_is_taken_is_one_sentence(server: ResultsServer) -> None:
    port = int(server.url.rpartition(":")[2].partition("/")[0])
    with pytest.raises(ServeError, match=f"127.0.0.1:{port} cannot be used"):
        ResultsServer(ServeSettings(host="127.0.0.1", port=port))
