"""Live streams over links with delay, jitter, loss or a low rate: what the viewer sees."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Playwright, sync_playwright

from benchmarks.app_server import STREAM_APP, run_app
from benchmarks.browser import (
    chromium,
    clear_frames,
    logged_frames,
    new_page,
    stream_frame,
    wait_for_frames,
)
from benchmarks.impaired_link import ImpairedHosts, Link
from benchmarks.stream import latencies_ms, percentiles

LINKS = {
    "delay 100 ms": Link(delay_ms=100),
    "delay 200 ± 20 ms": Link(delay_ms=200, jitter_ms=20),
    "loss 1 %": Link(loss=0.01),
    "loss 5 %": Link(loss=0.05),
    "loss 10 %": Link(loss=0.1),
    "1 Mbit/s": Link(rate_kbit=1000),
    "300 kbit/s": Link(rate_kbit=300),
}
WAIT_S = 60.0
SETTLE_S = 6.0  # the browser's encoder starts at a low frame rate
BEFORE_S, AFTER_S = 5.0, 15.0
LAST_S = 5.0  # part of AFTER_S whose delay is reported
BACK_WINDOW_MS = 1000.0
BACK_FPS = 0.8  # part of the frame rate before
BACK_DELAY_MS = 50.0  # more than the median before
SMOOTH_FPS, CHOPPY_FPS, LATE_MS = 24, 10, 500

Log = Sequence[Sequence[float]]


def measure_links(names: Sequence[str], seconds: float, camera: Path) -> list[dict[str, Any]]:
    """Measure each link: a new stream, some seconds of a perfect link, the impaired one, again.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: The network cannot be set up, or the server does not respond.
    """
    with ExitStack() as stack:
        hosts = stack.enter_context(ImpairedHosts())
        playwright = stack.enter_context(sync_playwright())
        app = stack.enter_context(run_app(STREAM_APP, host=hosts.address, prefix=hosts.server))
        return [_measure(playwright, hosts, app.url, camera, name, seconds) for name in names]


def _measure(
    playwright: Playwright, hosts: ImpairedHosts, url: str, camera: Path, name: str, seconds: float
) -> dict[str, Any]:
    hosts.set_link(Link())
    with chromium(playwright, camera=camera, origin=url, prefix=hosts.client) as browser:
        page = new_page(browser)
        page.goto(url)
        frame = stream_frame(page, timeout_s=WAIT_S)
        time.sleep(1)
        frame.get_by_role("button", name="Start").click()
        wait_for_frames(frame, 1, timeout_s=WAIT_S)
        time.sleep(SETTLE_S)
        clear_frames(frame)
        marks_ms = [_now_ms(frame)]
        for link, length_s in ((Link(), BEFORE_S), (LINKS[name], seconds), (Link(), AFTER_S)):
            hosts.set_link(link)
            time.sleep(length_s)
            marks_ms.append(_now_ms(frame))
        return {"link": name, **summary(*logged_frames(frame), marks_ms)}


def _now_ms(frame: Frame) -> float:
    return float(frame.evaluate("performance.now()"))


def summary(sent: Log, shown: Log, marks_ms: Sequence[float]) -> dict[str, Any]:
    """Summarise the logs of one stream.

    Args:
        sent: (milliseconds, number) of the camera's frames.
        shown: The same of the frames that came back.
        marks_ms: Start of the stream, start and end of the impairment, end of the stream.
    """
    start_ms, from_ms, until_ms, end_ms = marks_ms
    before, during = _window(shown, start_ms, from_ms), _window(shown, from_ms, until_ms)
    after = _window(shown, end_ms - LAST_S * 1e3, end_ms)
    delays = [percentiles(latencies_ms(sent, part)) for part in (before, during, after)]
    fps = [
        1e3 * len(part) / (to - since)
        for part, since, to in ((before, start_ms, from_ms), (during, from_ms, until_ms))
    ]
    back_ms = None
    if delays[0] is not None:
        max_delay_ms = delays[0]["p50"] + BACK_DELAY_MS
        back_ms = _back_ms(sent, shown, until_ms, fps[0] * BACK_FPS, max_delay_ms)
    late_ms = None if delays[1] is None else delays[1]["p50"]
    return {
        "seen": seen(fps[1], late_ms),
        "fps_before": round(fps[0], 1),
        "fps": round(fps[1], 1),
        "before_ms": delays[0],
        "during_ms": delays[1],
        "after_ms": delays[2],
        "back_s": None if back_ms is None else round(back_ms / 1e3, 1),
    }


def seen(fps: float, delay_ms: float | None) -> str:
    """What the viewer sees, in a word or two."""
    if delay_ms is None or fps < 1:
        return "frozen"
    motion = "smooth" if fps >= SMOOTH_FPS else "choppy" if fps >= CHOPPY_FPS else "jerky"
    return f"{motion}, late" if delay_ms > LATE_MS else motion


def _window(log: Log, since_ms: float, until_ms: float) -> Log:
    return [entry for entry in log if since_ms <= entry[0] < until_ms]


def _back_ms(sent: Log, shown: Log, since_ms: float, fps: float, delay_ms: float) -> float | None:
    """Milliseconds until a second begins that has that frame rate and no longer delay."""
    for at_ms, _ in _window(shown, since_ms, float("inf")):
        second = _window(shown, at_ms, at_ms + BACK_WINDOW_MS)
        delays = percentiles(latencies_ms(sent, second))
        if delays and len(second) >= fps * BACK_WINDOW_MS / 1e3 and delays["p50"] <= delay_ms:
            return at_ms - since_ms
    return None


def report_links(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Format the rows as a table."""
    lines = [
        "| link | seen | fps before | during | delay p50 before, ms | during | p95 | after "
        "| back after, s |",
        "| --- " * 9 + "|",
    ]
    for row in rows:
        before, during, after = (row[f"{part}_ms"] or {} for part in ("before", "during", "after"))
        cells = [
            row["link"], row["seen"], row["fps_before"], row["fps"], before.get("p50"),
            during.get("p50"), during.get("p95"), after.get("p50"), row["back_s"],
        ]  # fmt: skip
        lines.append("| " + " | ".join("–" if c is None else str(c) for c in cells) + " |")
    return lines
