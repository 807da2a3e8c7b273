"""The route by which pages report their stream's delay."""

from __future__ import annotations

import time

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from realtime.core.access import bearer_token
from realtime.live.delay import find_track, observe, parse_report

PATH = "facestream/delay"
MAX_BODY_BYTES = 1024


def delay_path() -> str:
    """The path on this server."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    return f"/{base}/{PATH}" if base else f"/{PATH}"


def delay_route() -> Route:
    """The route for the server."""
    return Route(delay_path(), _receive, methods=["POST"])


async def _receive(request: Request) -> Response:
    track = find_track(bearer_token(request.headers) or "")
    if track is None:
        return Response(status_code=403)
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return Response(status_code=413)
    report = parse_report(body)
    if report is None:
        return Response(status_code=400)
    observe(track, *report, time.monotonic())
    return Response(status_code=204)
