"""What browsers report of their streams' delay, for the metrics."""

from __future__ import annotations

import json
import math
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

from realtime.live.metrics import BROWSER_FPS, DELAY

MIN_INTERVAL_S = 2.0  # between two reports of a stream
MAX_MS, MAX_FPS = 60_000.0, 240.0
# Tracks by the token that only the page of the stream is given, and when they last reported.
_tracks: WeakValueDictionary[str, Any] = WeakValueDictionary()
_reported_s: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


def expect_reports(token: str, track: Any) -> None:
    """Accept reports for a `LiveTrack` from the page that knows this token."""
    _tracks[token] = track


def find_track(token: str) -> Any:
    """The running track with that token; None if there is none."""
    track = _tracks.get(token)
    return None if track is None or track.ended else track


def observe(track: Any, browser_ms: float, fps: float, now_s: float) -> None:
    """Add a report to the metrics; more than one in `MIN_INTERVAL_S` are left out.

    Args:
        track: the stream's track, whose own latency is added.
        browser_ms: time for encoding, the network and decoding.
        fps: pictures that the browser shows in a second.
        now_s: monotonic time in seconds.
    """
    if now_s - _reported_s.get(track, -math.inf) < MIN_INTERVAL_S:
        return
    _reported_s[track] = now_s
    DELAY.observe((browser_ms + track.stats().age_p50_ms) / 1e3)
    BROWSER_FPS.observe(fps)


def parse_report(body: bytes) -> tuple[float, float] | None:
    """Milliseconds outside the server and pictures a second; None if the body is no report.

    Example:
        >>> parse_report(b'{"browser_ms": 41.5, "fps": 30}')
        (41.5, 30.0)
        >>> parse_report(b"[]") is None
        True
    """
    try:
        report = json.loads(body)
        browser_ms, fps = float(report["browser_ms"]), float(report["fps"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    valid = 0 <= browser_ms <= MAX_MS and 0 <= fps <= MAX_FPS  # false for NaN
    return (browser_ms, fps) if valid else None
