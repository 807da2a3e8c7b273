"""The live page in a real Chromium, compared with a pass-through stream in the same run.

A fake webcam shows real faces with the frame number encoded in each frame. The page logs when it
shows a number from the camera and when it shows the same number from the server: the difference is
the latency of that frame, from page to server and back. Server and browser share this machine, so
its load affects the results.
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

from benchmarks.app_server import HEAVY_MODULES, STREAM_APP, AppServer, run_app
from benchmarks.browser import (
    chromium,
    clear_frames,
    logged_frames,
    new_page,
    stream_frame,
    wait_for_frames,
    webrtc_totals,
)
from benchmarks.environment import describe_environment, format_environment
from benchmarks.fake_camera import write_camera
from benchmarks.frame_arrivals import LOG_VARIABLE, RESULT_SCRIPT, ages_ms
from benchmarks.netns import TwoHosts
from benchmarks.process_load import cpu_s, memory_mib

PAGES = {
    "callback": "benchmarks/baseline_app.py",
    "facestream": STREAM_APP,
    "overlay": "benchmarks/overlay_app.py",
}
DRAWING = {"facestream": "On the server", "overlay": "In the browser"}
SETTLE_S = 6.0  # the browser's encoder starts at a low resolution and frame rate
CAMERA_S = 12.0
MAX_LATENCY_MS = 5000.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks stream`."""
    parser.add_argument(
        "--seconds", type=float, default=20, help="seconds measured per row (default: 20)"
    )
    parser.add_argument(
        "--faces", type=int, nargs="+", default=[1, 2],
        help="faces in front of the webcam (default: 1 2)",
    )  # fmt: skip
    parser.add_argument(
        "--pages", nargs="+", choices=list(PAGES), default=list(PAGES), metavar="NAME",
        help=f"pages: {', '.join(PAGES)} (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--repeats", type=int, default=1, metavar="N",
        help="runs of each page, taking turns, each with a new server and browser (default: 1)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each page with each number of faces.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: Network namespaces cannot be created, or a server does not respond.
    """
    rows: list[dict[str, Any]] = []
    results = {
        "benchmark": "stream",
        "header": describe_environment(),
        "seconds": args.seconds,
        "rows": rows,
    }
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        playwright = stack.enter_context(sync_playwright())
        for faces in args.faces:
            camera = write_camera(folder / f"{faces}.mjpeg", faces=faces, seconds=CAMERA_S)
            for _ in range(args.repeats):
                for page in args.pages:
                    row = measure(playwright, hosts, page, camera, args.seconds)
                    rows.append({"page": page, "faces": faces, **row})
    return results


def measure(
    playwright: Playwright, hosts: TwoHosts, name: str, camera: Path, seconds: float
) -> dict[str, Any]:
    """Measure one row: a new server and a new browser with one viewer."""
    log = camera.with_name(f"{camera.stem}-{name}.log")
    log.touch()
    environment = {LOG_VARIABLE: str(log)}
    with (
        run_app(
            PAGES[name], host=hosts.address, prefix=hosts.server, environment=environment
        ) as app,
        chromium(playwright, camera=camera, origin=app.url, prefix=hosts.client) as browser,
    ):
        page = new_page(browser)
        page.add_init_script(RESULT_SCRIPT)
        page.goto(app.url)
        if name in DRAWING:
            page.get_by_role("tab", name="Settings").click()
            page.get_by_role("radio", name=DRAWING[name]).click()
        frame = stream_frame(page, timeout_s=60)
        time.sleep(1)
        start = time.perf_counter()
        frame.get_by_role("button", name="Start").click()
        wait_for_frames(frame, 1, timeout_s=60)
        first_frame_s = time.perf_counter() - start
        time.sleep(SETTLE_S)
        window = _measure_window(app, page, frame, seconds, log)
        packages = {module.partition(".")[0] for module in app.modules()}
        return {
            "server_ready_s": round(app.ready_s, 2),
            "first_frame_s": round(first_frame_s, 2),
            **window,
            "heavy_modules": sorted(packages & set(HEAVY_MODULES)),
        }


def _measure_window(
    app: AppServer, page: Page, frame: Frame, seconds: float, log: Path
) -> dict[str, Any]:
    """Measure the running stream for some seconds."""
    dropped_before = _read_number(page, "data-dropped")
    clear_frames(frame)
    page.evaluate("window.__results.length = 0")
    totals_before = webrtc_totals(frame)
    cpu_before, start = cpu_s(app.process), time.perf_counter()
    time.sleep(seconds)
    used_s, elapsed_s = cpu_s(app.process) - cpu_before, time.perf_counter() - start
    sent, returned = logged_frames(frame)
    drawn = page.evaluate("window.__results")
    origin_ms = frame.evaluate("performance.timeOrigin")  # the iframe has its own clock
    on_clock = [(origin_ms + at_ms, number) for at_ms, number in sent]
    totals_after = webrtc_totals(frame)
    dropped_after = _read_number(page, "data-dropped")
    known = dropped_before is not None and dropped_after is not None
    return {
        "delay_ms": percentiles(latencies_ms(sent, returned)),
        "boxes_age_ms": percentiles(ages_ms(drawn, log, on_clock, max_ms=MAX_LATENCY_MS)),
        "boxes_age_estimated_ms": percentiles([estimate for *_, estimate in drawn]),
        "camera_fps": round(len(sent) / elapsed_s, 1),
        "results_hz": round(len(drawn) / elapsed_s, 1),
        "shown_fps": round(len(returned) / elapsed_s, 1),
        "dropped": (dropped_after or 0) - (dropped_before or 0) if known else None,
        "faces_found": _read_number(page, "data-faces"),
        "analysis_age_ms": _read_number(page, "data-age"),
        "browser_ms": {
            "encode": _mean_ms(totals_before, totals_after, "encode_s", "encoded"),
            "wait": _mean_ms(totals_before, totals_after, "wait_s", "waited"),
            "decode": _mean_ms(totals_before, totals_after, "decode_s", "decoded"),
        },
        "server_cores": round(used_s / elapsed_s, 3),
        "server_rss_mib": round(memory_mib(app.process)),
    }


def _mean_ms(
    before: dict[str, float], after: dict[str, float], seconds: str, count: str
) -> float | None:
    """Mean milliseconds per frame between two readings of a total time and its frame count."""
    frames = after.get(count, 0) - before.get(count, 0)
    return round((after[seconds] - before[seconds]) / frames * 1e3, 1) if frames > 0 else None


def _read_number(page: Page, attribute: str) -> int | None:
    """Read a number from a data attribute of the live page; None if the page has none."""
    element = page.locator("[data-faces]")
    text = element.first.get_attribute(attribute) if element.count() else None
    return int(text) if text is not None and re.fullmatch(r"\d+", text) else None


def latencies_ms(
    sent: Sequence[Sequence[float]], returned: Sequence[Sequence[float]]
) -> list[float]:
    """Milliseconds from each numbered camera frame to the same frame from the server.

    Args:
        sent: (milliseconds, number) of the camera's frames, in order; -1 if unreadable.
        returned: The same for the frames from the server.
    """
    sent_ms: dict[float, list[float]] = defaultdict(list)
    for at_ms, number in sent:
        if number >= 0:
            sent_ms[number].append(at_ms)
    latencies = []
    for at_ms, number in returned:
        times = sent_ms.get(number, [])
        last = bisect_right(times, at_ms) - 1  # the video loops: take the latest showing
        if last >= 0 and at_ms - times[last] < MAX_LATENCY_MS:
            latencies.append(at_ms - times[last])
    return latencies


def percentiles(values_ms: Sequence[float]) -> dict[str, float] | None:
    """p50, p95, p99 and the number of values; None if there are none."""
    if not values_ms:
        return None
    p50, p95, p99 = (round(float(p), 1) for p in np.percentile(values_ms, (50, 95, 99)))
    return {"p50": p50, "p95": p95, "p99": p99, "n": len(values_ms)}


def _repeats(rows: Sequence[dict[str, Any]], faces: int) -> list[str]:
    """A line for each page that ran several times: the range of what the viewer sees."""
    lines = []
    for page in dict.fromkeys(row["page"] for row in rows):
        runs = [row for row in rows if row["page"] == page and row["delay_ms"]]
        if len(runs) < 2:
            continue
        fps = sorted(row["shown_fps"] for row in runs)
        latency = sorted(row["delay_ms"]["p50"] for row in runs)
        lines.append(
            f"{faces} face(s), {page}, {len(runs)} runs: shown fps {fps[0]} to {fps[-1]} (median "
            f"{np.median(fps):.1f}), median latency {latency[0]} to {latency[-1]} ms (median "
            f"{np.median(latency):.1f} ms)"
        )
    return lines


def report(results: dict[str, Any]) -> str:
    """Format the results as a table, with the difference in latency from the baseline."""
    lines = [
        format_environment(results["header"]),
        "",
        "| page | faces | latency p50 ms | p95 | p99 | n | camera fps | shown fps | dropped "
        "| cores | RSS MiB | first frame s | browser: encode, buffer, decode ms |",
        "| --- " * 13 + "|",
    ]
    for row in results["rows"]:
        latency = row["delay_ms"] or dict.fromkeys(("p50", "p95", "p99", "n"), "–")
        cells = [
            row["page"], row["faces"], latency["p50"], latency["p95"], latency["p99"],
            latency["n"], row["camera_fps"], row["shown_fps"],
            "–" if row["dropped"] is None else row["dropped"],
            row["server_cores"], row["server_rss_mib"], row["first_frame_s"],
            ", ".join(str(ms) for ms in row["browser_ms"].values()),
        ]  # fmt: skip
        lines.append("| " + " | ".join(str(cell) for cell in cells) + " |")
    for faces in dict.fromkeys(row["faces"] for row in results["rows"]):
        rows = [row for row in results["rows"] if row["faces"] == faces]
        by_page = {row["page"]: row for row in rows}
        lines += _repeats(rows, faces)
        baseline, ours = (by_page.get(n, {}).get("delay_ms") for n in ("callback", "facestream"))
        overlay = by_page.get("overlay")  # results stored earlier have none
        if overlay and ours and overlay["boxes_age_ms"]:
            age, estimate = overlay["boxes_age_ms"], overlay["boxes_age_estimated_ms"]
            cores = overlay["server_cores"] / by_page["facestream"]["server_cores"]
            lines.append(
                f"{faces} face(s), drawn in the browser: boxes {age['p50']} ms old (p95 "
                f"{age['p95']} ms, estimated {estimate['p50']} ms); {cores:.2f} times the server's "
                f"CPU of drawing there; {overlay['results_hz']} results per second"
            )
        if baseline and ours:
            lines.append(
                f"{faces} face(s): FaceStream's median latency is "
                f"{ours['p50'] - baseline['p50']:+.1f} ms against the baseline; "
                f"faces detected: {by_page['facestream']['faces_found']}"
            )
    heavy = sorted({module for row in results["rows"] for module in row["heavy_modules"]})
    lines.append(f"{', '.join(HEAVY_MODULES)} imported by a server: {', '.join(heavy) or 'none'}")
    return "\n".join(lines)
