"""The live page in a real Chromium against a callback that changes nothing, in the same run.

A fake webcam shows real faces with the frame's number stamped on each frame. The page notes when
it shows a number from the camera and when the same number comes back: the delay of that frame,
page to server to page. Server and browser share this machine, so its load is part of the figures.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Frame, Page, Playwright, sync_playwright

from benchmarks.browser import (
    browser_shares,
    chromium,
    clear_frames,
    new_page,
    noted_frames,
    stream_frame,
    wait_for_frames,
)
from benchmarks.fake_camera import write_camera
from benchmarks.netns import TwoHosts
from benchmarks.served import HEAVY, Served, served

PAGES = {"callback": "benchmarks/baseline_app.py", "facestream": "stream_app.py"}
SETTLE_S = 6.0  # the browser's encoder starts small and slow
FILM_S = 12.0
LONGEST_DELAY_MS = 5000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--seconds", type=float, default=20, help="measured for each row (20)")
    parser.add_argument(
        "--faces", type=int, nargs="+", default=[1, 2], help="faces before the webcam (1 2)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each page with each number of faces.

    Returns:
        The header, the options, and a row for each page and number of faces.

    Raises:
        FileNotFoundError: there is no Chromium.
        RuntimeError: the two network namespaces cannot be made, or a server does not answer.
    """
    from benchmarks.environment import header

    figures: dict[str, Any] = {"benchmark": "stream", "header": header(), "seconds": args.seconds}
    rows = figures["rows"] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        playwright = stack.enter_context(sync_playwright())
        for faces in args.faces:
            film = write_camera(folder / f"{faces}.mjpeg", faces=faces, seconds=FILM_S)
            for page in PAGES:
                row = measure(playwright, hosts, page, film, args.seconds)
                rows.append({"page": page, "faces": faces, **row})
    return figures


def measure(
    playwright: Playwright, hosts: TwoHosts, name: str, film: Path, seconds: float
) -> dict[str, Any]:
    """One row: a fresh server, a fresh browser, one viewer."""
    with (
        served(PAGES[name], host=hosts.address, prefix=hosts.server) as app,
        chromium(playwright, camera=film, origin=app.url, prefix=hosts.client) as browser,
    ):
        page = new_page(browser)
        page.goto(app.url)
        frame = stream_frame(page, timeout_s=60)
        time.sleep(1)
        start = time.perf_counter()
        frame.get_by_role("button", name="Start").click()
        wait_for_frames(frame, 1, timeout_s=60)
        first_s = time.perf_counter() - start
        time.sleep(SETTLE_S)
        row: dict[str, Any] = {
            "server_ready_s": round(app.ready_s, 2),
            "first_frame_s": round(first_s, 2),
        }
        row |= _window(app, page, frame, seconds)
        row["heavy_modules"] = sorted({m.partition(".")[0] for m in app.modules()} & set(HEAVY))
        return row


def _window(app: Served, page: Page, frame: Frame, seconds: float) -> dict[str, Any]:
    """What happens within the seconds measured."""
    dropped = _read_out(page, "data-dropped")
    clear_frames(frame)
    shares = browser_shares(frame)
    before, start = app.process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, took = app.process.cpu_times(), time.perf_counter() - start
    camera, back = noted_frames(frame)
    shares_after = browser_shares(frame)
    cpu_s = (after.user + after.system) - (before.user + before.system)
    dropped_after = _read_out(page, "data-dropped")
    return {
        "delay_ms": percentiles(delays_ms(camera, back)),
        "camera_fps": round(len(camera) / took, 1),
        "shown_fps": round(len(back) / took, 1),
        "dropped": None if dropped is None or dropped_after is None else dropped_after - dropped,
        "faces_found": _read_out(page, "data-faces"),
        "analysis_age_ms": _read_out(page, "data-age"),
        "browser_ms": {
            "encode": _mean_ms(shares, shares_after, "encode_s", "encoded"),
            "wait": _mean_ms(shares, shares_after, "wait_s", "waited"),
            "decode": _mean_ms(shares, shares_after, "decode_s", "decoded"),
        },
        "server_cores": round(cpu_s / took, 3),
        "server_rss_mib": round(app.process.memory_info().rss / 2**20),
    }


def _mean_ms(
    before: dict[str, float], after: dict[str, float], seconds: str, count: str
) -> float | None:
    """Mean milliseconds a frame, from two readings of a sum and its count."""
    frames = after.get(count, 0) - before.get(count, 0)
    return round((after[seconds] - before[seconds]) / frames * 1e3, 1) if frames > 0 else None


def _read_out(page: Page, attribute: str) -> int | None:
    """A number that the live page shows; None on a page without one."""
    place = page.locator("[data-faces]")
    text = place.first.get_attribute(attribute) if place.count() else None
    return int(text) if text is not None and re.fullmatch(r"\d+", text) else None


def delays_ms(camera: Sequence[Sequence[float]], back: Sequence[Sequence[float]]) -> list[float]:
    """Milliseconds from each numbered frame in the camera's picture to the same number come back.

    Args:
        camera: (milliseconds, number) of the frames of the camera, in order; -1 is "unreadable".
        back: the same of the frames that came back.
    """
    seen: dict[float, list[float]] = defaultdict(list)
    for at_ms, number in camera:
        if number >= 0:
            seen[number].append(at_ms)
    found = []
    for at_ms, number in back:
        times = seen.get(number, [])
        last = bisect_right(times, at_ms) - 1  # the film loops: its latest showing before this
        if last >= 0 and at_ms - times[last] < LONGEST_DELAY_MS:
            found.append(at_ms - times[last])
    return found


def percentiles(values_ms: Sequence[float]) -> dict[str, float] | None:
    """p50, p95, p99 and n of milliseconds; None where there are none."""
    if not values_ms:
        return None
    p50, p95, p99 = (round(float(p), 1) for p in np.percentile(values_ms, (50, 95, 99)))
    return {"p50": p50, "p95": p95, "p99": p99, "n": len(values_ms)}


def report(figures: dict[str, Any]) -> str:
    """The figures as a table, and how much later FaceStream's frames come than the callback's."""
    from benchmarks.environment import header_text

    lines = [
        header_text(figures["header"]),
        "",
        "| page | faces | delay p50 | p95 | p99 ms | n | camera | shown fps | dropped "
        "| cores | RSS MiB | first frame s | browser: encode, wait, decode ms |",
        "| --- " * 13 + "|",
    ]
    for row in figures["rows"]:
        delay = row["delay_ms"] or dict.fromkeys(("p50", "p95", "p99", "n"), "–")
        cells = [
            row["page"], row["faces"], delay["p50"], delay["p95"], delay["p99"], delay["n"],
            row["camera_fps"], row["shown_fps"], "–" if row["dropped"] is None else row["dropped"],
            row["server_cores"], row["server_rss_mib"], row["first_frame_s"],
            ", ".join(str(ms) for ms in row["browser_ms"].values()),
        ]  # fmt: skip
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    for faces in dict.fromkeys(row["faces"] for row in figures["rows"]):
        pair = {r["page"]: r for r in figures["rows"] if r["faces"] == faces}
        floor, ours = (pair[name]["delay_ms"] for name in PAGES)
        if floor and ours:
            lines.append(
                f"{faces} face(s): FaceStream's median delay is {ours['p50'] - floor['p50']:+.1f} "
                f"ms against the callback's; found {pair['facestream']['faces_found']}"
            )
    heavy = sorted({m for row in figures["rows"] for m in row["heavy_modules"]})
    lines.append(f"tensorflow, keras, mediapipe in a server: {', '.join(heavy) or 'none'}")
    return "\n".join(lines)
