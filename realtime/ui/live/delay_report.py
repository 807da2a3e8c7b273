"""How long pictures take from the camera to the screen: browsers report it for the metrics."""

from __future__ import annotations

import json
import math
import time
from functools import cache
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from realtime.core.access import bearer_token
from realtime.live.live_track import LiveTrack
from realtime.live.metrics import BROWSER_FPS, DELAY
from realtime.live.webrtc import LiveStream
from realtime.ui.versioned import versioned

KEY = "live-delay"
PATH = "facestream/delay"
MAX_BODY_BYTES = 1024
MIN_INTERVAL_S = 2.0  # between two reports of a stream
MAX_MS, MAX_FPS = 60_000.0, 240.0
_JS = Path(__file__).with_name("delay_report.js").read_text(encoding="utf-8")
_tracks: WeakValueDictionary[str, LiveTrack] = WeakValueDictionary()
_reported_s: WeakKeyDictionary[LiveTrack, float] = WeakKeyDictionary()


@cache
def _component() -> Any:
    return st.components.v2.component("delay_report", html="<div></div>", js=_JS)


def delay_report(live: LiveStream) -> None:
    """Let the page report its stream's delay; takes no room on the page."""
    token = live.track.browser_drawing.channel.token
    _tracks[token] = live.track
    _component()(key=KEY, data=versioned(KEY, {"url": _path(), "token": token}))


def delay_route() -> Route:
    """The route for the reports."""
    return Route(_path(), _receive, methods=["POST"])


def _path() -> str:
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/{PATH}" if base else f"/{PATH}"


async def _receive(request: Request) -> Response:
    track = _tracks.get(bearer_token(request.headers) or "")
    if track is None or track.ended:
        return Response(status_code=403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return Response(status_code=413)
    report = parse_report(body)
    if report is None:
        return Response(status_code=400)
    now_s = time.monotonic()
    if now_s - _reported_s.get(track, -math.inf) >= MIN_INTERVAL_S:
        _reported_s[track] = now_s
        browser_ms, fps = report
        DELAY.observe((browser_ms + track.stats().age_p50_ms) / 1e3)
        BROWSER_FPS.observe(fps)
    return Response(status_code=204)


def parse_report(body: bytes) -> tuple[float, float] | None:
    """The milliseconds outside the server and the pictures a second; None if it is no report."""
    try:
        report = json.loads(body)
        browser_ms, fps = float(report["browser_ms"]), float(report["fps"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    valid = 0 <= browser_ms <= MAX_MS and 0 <= fps <= MAX_FPS  # false for NaN
    return (browser_ms, fps) if valid else None
