"""HTTP requests as they come from the socket: waitress's parser, then the application."""

from __future__ import annotations

import json
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from flask import Flask
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask
from werkzeug.test import run_wsgi_app

from realtime.attribute.eigenfaces import EigenfaceResult
from realtime.core.faces import Faces, FrameResult
from realtime.web.app import create_app
from realtime.web.budget import Budget
from realtime.web.photo_service import GenderResult, PhotoService
from realtime.web.uploads import MAX_REQUEST_BYTES
from tests.fuzz.door import Door

_LIMITS = {
    "max_request_body_size": MAX_REQUEST_BYTES,
    "inbuf_overflow": 2 * MAX_REQUEST_BYTES,
    "clear_untrusted_proxy_headers": False,
}


class NoFaces:
    """Stands for the networks, which see decoded pixels only."""

    def analyze(self, frame_bgr: Any, settings: Any, *, thorough: bool = True) -> FrameResult:
        height, width = frame_bgr.shape[:2]
        return FrameResult(Faces.empty(), (width, height), time_s=0.0)

    def gender(self, frame_bgr: Any) -> GenderResult:
        crops = np.zeros((0, 8, 8), np.uint8)
        none = EigenfaceResult(
            crops=crops,
            weights=np.zeros((0, 1), np.float32),
            reconstructions=crops,
            prob=np.zeros((0, 2), np.float32),
        )
        return GenderResult(result=self.analyze(frame_bgr, None), eigenfaces=none)


@cache
def app() -> Flask:
    """The application, with limits that no campaign reaches, as behind one proxy."""
    budget = Budget(pictures=10**9, megapixels=10**9)
    service = cast(PhotoService, NoFaces())
    rate = "1000000000 per minute"
    return create_app(service, rate=rate, budget=budget, trusted_proxies=1, metrics_token="secret")


def enter(data: bytes) -> None:
    """Answer a request; every answer is one that the application means to give."""
    parser = HTTPRequestParser(Adjustments(**_LIMITS))
    while data and not parser.completed:
        data = data[parser.received(data) :]
    if not parser.completed or parser.error or parser.empty:
        return  # waitress waits for the rest, answers by itself, or skips the line
    environ = WSGITask(_channel(), parser).get_environment()
    body, status, headers = run_wsgi_app(app(), environ, buffered=True)
    code = int(status.split()[0])
    text = b"".join(body)
    assert code < 500 or (code == 503 and b"busy" in text), f"{status}: {text[:500]!r}"
    if code >= 400 and environ["PATH_INFO"].startswith("/api/") and parser.command != "HEAD":
        error = json.loads(text)["error"]
        assert error["status"] == code
        assert error["message"]
    assert "\n" not in "".join(value for _, value in headers)


def _channel() -> SimpleNamespace:
    adj = SimpleNamespace(url_prefix="", ident="FaceStream")
    server = SimpleNamespace(adj=adj, effective_port=8502, server_name="localhost")
    return SimpleNamespace(
        server=server, addr=("127.0.0.1", 50_000), check_client_disconnected=lambda: False
    )


DOOR = Door(
    enter=enter,
    words=(
        b"\r\n",
        b"%00",
        b"%ff",
        b"\xff",
        b"?detector=",
        b"&min_score=nan",
        b"&unsure=1",
        b"X-Forwarded-For: a,b\r\n",
        b"X-Forwarded-Proto: \xe9\r\n",
        b"Authorization: Bearer \xe9\r\n",
        b"Authorization: Bearer secret\r\n",
        b"Transfer-Encoding: chunked\r\n",
        b"Content-Length: 9999999999\r\n",
        b"Host: [\r\n",
        b"Range: bytes=9-1\r\n",
        b"If-Modified-Since: x\r\n",
        b"/static/site.css",
        b"/metrics",
        b"/gender",
        b"..%2f",
        b'filename="\\";\xc3"',
        b"filename*=utf-8''%ff",
    ),
)
