"""Webhooks, against a real HTTP server that verifies what it gets."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from realtime.events.sinks import webhook
from realtime.events.sinks.types import SinkError
from realtime.events.sinks.webhook import WebhookSink, check_url, signing_key
from tests.events.builders import SECRET, Sentences, sample_message, sink_context


@dataclass(slots=True)
class Receiver:
    """A web server that answers with these status codes in turn, the last one for ever."""

    url: str
    codes: list[int]
    bodies: list[dict[str, object]] = field(default_factory=list)
    verified: list[bool] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@contextmanager
def receiver(*codes: int, stall_s: float = 0.0) -> Iterator[Receiver]:
    stop = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            signed = ".".join([self.headers["Webhook-Id"], self.headers["Webhook-Timestamp"], ""])
            digest = hmac.new(SECRET.encode(), signed.encode() + body, hashlib.sha256).digest()
            right = f"v1,{base64.b64encode(digest).decode()}"
            fresh = abs(int(self.headers["Webhook-Timestamp"]) - time.time()) < 60
            state.verified.append(self.headers["Webhook-Signature"] == right and fresh)
            state.bodies.append(json.loads(body))
            state.paths.append(self.path)
            stop.wait(stall_s)
            code = state.codes.pop(0) if len(state.codes) > 1 else state.codes[0]
            self.send_response(code)
            if 300 <= code < 400:
                self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state = Receiver(f"http://127.0.0.1:{server.server_port}/hook", list(codes))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield state
        finally:
            stop.set()
            server.shutdown()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "FIRST_PAUSE_S", 0.01)


def test_a_signed_event_arrives_after_failures_and_once() -> None:
    said = Sentences()
    with receiver(503, 429, 204) as server:
        sink = WebhookSink(server.url, sink_context(said))
        sink.offer(sample_message())
        sink.close(10)
    assert server.bodies == [sample_message().record] * 3
    assert server.verified == [True] * 3
    assert (sink.stats.delivered, sink.stats.attempts_failed, sink.stats.dropped) == (1, 2, 0)
    assert said == [
        "webhook 127.0.0.1: events cannot be delivered: it answered 503.",
        "webhook 127.0.0.1: events are delivered again.",
    ]


@pytest.mark.parametrize("code", [400, 404, 307])
def test_a_refused_event_is_given_up_and_the_next_one_sent(code: int) -> None:
    with receiver(code, 204) as server:
        sink = WebhookSink(server.url, sink_context())
        sink.offer(sample_message(1))
        sink.offer(sample_message(2))
        sink.close(10)
    assert [body["id"] for body in server.bodies] == ["test-1", "test-2"]
    assert (sink.stats.delivered, sink.stats.dropped) == (1, 1)
    assert set(server.paths) == {"/hook"}  # a redirect is not followed


def test_a_server_that_never_answers_holds_nobody_up() -> None:
    said = Sentences()
    with receiver(204, stall_s=20) as server:
        sink = WebhookSink(server.url, sink_context(said), timeout_s=0.1, capacity=10)
        for number in range(100):
            sink.offer(sample_message(number))
        sink.close(0.3)
    assert sink.stats.delivered == 0
    assert sink.stats.dropped >= 89
    assert said[:1] == ["webhook 127.0.0.1: events cannot be delivered: it does not answer."]


def test_a_server_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "ATTEMPTS", 2)
    said = Sentences()
    sink = WebhookSink("http://127.0.0.1:9/", sink_context(said))
    sink.offer(sample_message())
    sink.close(5)
    assert said == ["webhook 127.0.0.1: events cannot be delivered: Connection refused."]
    assert (sink.stats.attempts_failed, sink.stats.dropped) == (2, 1)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://example.org/",
        "example.org",
        "http://",
        "http://me:secret@example.org/",
        "http://example.org:port/",
        "http://example.org/\r\nX: y",
        "http://[::1",
        "http://example.org/ä",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(SinkError):
        check_url(url)


def test_the_secret_must_be_there_and_long_enough() -> None:
    with pytest.raises(SinkError, match="FACESTREAM_WEBHOOK_SECRET is not set"):
        WebhookSink("http://127.0.0.1/", sink_context(environ={}))
    with pytest.raises(SinkError, match="fewer than 16 characters"):
        WebhookSink(
            "http://127.0.0.1/", sink_context(environ={"FACESTREAM_WEBHOOK_SECRET": "short"})
        )


def test_secrets_of_standard_webhooks_are_base64() -> None:
    assert signing_key("whsec_" + base64.b64encode(b"key of 24 bytes or more!").decode()) == (
        b"key of 24 bytes or more!"
    )
    with pytest.raises(SinkError, match="base64"):
        signing_key("whsec_not base64!")
