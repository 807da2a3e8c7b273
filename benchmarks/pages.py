"""What visitors wait for, in a real Chromium: page loads, a large photo, and live charts.

Server and browser share this machine. Every page is opened once before measuring, to warm up the
server; each measured visit uses a new profile with an empty cache. A bare Streamlit page is
measured alternately as the baseline.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import cv2
from playwright.sync_api import Browser, Frame, Page, sync_playwright

from benchmarks.app_server import STREAM_APP, AppServer, run_app
from benchmarks.browser import (
    chromium,
    clear_frames,
    logged_frames,
    new_page,
    stream_frame,
    wait_for_frames,
)
from benchmarks.environment import describe_environment, format_environment
from benchmarks.fake_camera import write_camera
from benchmarks.first_visit import measure_first_visits
from benchmarks.moving_faces import scene
from benchmarks.netns import TwoHosts

PATHS = ("", "photo", "video", "explore", "benchmarks", "about")
BASELINE = "bare page"
FACES, SIZE_WH = 10, (4000, 3000)
CAMERA_S = 12.0
FILL_CHARTS_S = 60.0  # the charts cover the last minute and are most expensive when full
SETTLE_S = 3.0
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"

# Records the milliseconds from the selection of a file to the first frame that shows the original
# image, the annotated image and the card of the last face.
RECORD_UPLOAD_TIME = """faces => {
  let selectedAt;
  document.addEventListener('change', () => { selectedAt = performance.now(); }, true);
  const check = () => {
    const images = [...document.querySelectorAll(`.pv img, [alt="Face ${faces}"]`)];
    if (selectedAt && images.length === 3
        && images.every(i => i.src && i.complete && i.naturalWidth))
      window.__elapsedMs = performance.now() - selectedAt;
    else requestAnimationFrame(check);
  };
  check();
}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks pages`."""
    parser.add_argument("--visits", type=int, default=5, help="visits per page (default: 5)")
    parser.add_argument(
        "--first-visits", type=int, default=5, help="servers started for a first visit (default: 5)"
    )
    parser.add_argument(
        "--only-first-visits", action="store_true", help="measure nothing but the first visits"
    )
    parser.add_argument("--photos", type=int, default=5, help="photo uploads (default: 5)")
    parser.add_argument(
        "--windows", type=int, default=3, help="windows with and without charts (default: 3)"
    )
    parser.add_argument(
        "--seconds", type=float, default=20, help="seconds per window (default: 20)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure page loads, photo uploads and live charts.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: Network namespaces cannot be created, or a server does not respond.
    """
    results: dict[str, Any] = {"benchmark": "pages", "header": describe_environment()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        playwright = stack.enter_context(sync_playwright())
        with chromium(playwright, camera=None, prefix=hosts.client) as browser:
            results["first_visit"] = measure_first_visits(browser, hosts, args.first_visits)
        if args.only_first_visits:
            return results
        app, baseline = (
            stack.enter_context(run_app(script, host=hosts.address, prefix=hosts.server))
            for script in (STREAM_APP, "benchmarks/bare_app.py")
        )
        camera = write_camera(folder / "1.mjpeg", faces=1, seconds=CAMERA_S)
        browser = stack.enter_context(
            chromium(playwright, camera=camera, origin=app.url, prefix=hosts.client)
        )
        results["first_paint"] = measure_page_loads(browser, app, baseline, args.visits)
        results["photo"] = measure_photo(browser, app, folder / "group.jpg", args.photos)
        results["charts"] = measure_charts(browser, app, args.windows, args.seconds)
    return results


def measure_page_loads(
    browser: Browser, app: AppServer, baseline: AppServer, visits: int
) -> list[dict[str, Any]]:
    """Milliseconds to the first paint and to the title, a row per page."""
    urls = {BASELINE: baseline.url} | {f"/{path}": f"{app.url}/{path}" for path in PATHS}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in urls}
    for visit in range(visits + 1):
        for name, url in urls.items():
            loaded_ms = _visit(browser, url)
            if visit:  # the first visit is the warm-up
                times[name].append(loaded_ms)
    return [
        {
            "page": name,
            "paint_ms": round(median(paint for paint, _ in loads)),
            "title_ms": round(median(title for _, title in loads)),
            "n": len(loads),
        }
        for name, loads in times.items()
    ]


def _visit(browser: Browser, url: str) -> tuple[float, float]:
    page = new_page(browser, log_frames=False)
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
    title_ms = (time.perf_counter() - start) * 1e3
    paint_ms = page.evaluate(FIRST_PAINT)
    page.context.close()
    return title_ms if paint_ms is None else float(paint_ms), title_ms


def measure_photo(browser: Browser, app: AppServer, path: Path, uploads: int) -> dict[str, Any]:
    """Milliseconds from the selection of a large photo to its results, measured in the page."""
    cv2.imwrite(str(path), scene(FACES, SIZE_WH))
    times = [_upload(browser, f"{app.url}/photo", path) for _ in range(uploads + 1)]
    return {
        "size_wh": SIZE_WH,
        "faces": FACES,
        "kilobytes": path.stat().st_size // 1000,
        "first_ms": round(times[0]),
        "median_ms": round(median(times[1:])),
        "slowest_ms": round(max(times[1:])),
        "n": uploads,
    }


def _upload(browser: Browser, url: str, path: Path) -> float:
    page = new_page(browser, log_frames=False)
    page.goto(url)
    page.locator("input[type=file]").first.wait_for(state="attached", timeout=60_000)
    page.evaluate(RECORD_UPLOAD_TIME, FACES)
    page.set_input_files("input[type=file]", path)
    elapsed_ms = float(page.wait_for_function("window.__elapsedMs", timeout=60_000).json_value())
    page.context.close()
    return elapsed_ms


def measure_charts(
    browser: Browser, app: AppServer, windows: int, seconds: float
) -> list[dict[str, Any]]:
    """Server load and frame rate of the stream, alternately with and without the live charts."""
    page = new_page(browser, height=1600)
    page.set_default_timeout(60_000)
    page.goto(app.url)
    frame = stream_frame(page, timeout_s=60)
    frame.get_by_role("button", name="Start", exact=True).click()
    wait_for_frames(frame, 30, timeout_s=60)
    time.sleep(FILL_CHARTS_S)
    rows = []
    for _ in range(windows):
        for tab, name in (("Settings", "without"), ("Last minute", "with")):
            page.get_by_role("tab", name=tab).click()
            time.sleep(SETTLE_S)
            rows.append({"charts": name, **_measure_window(app, page, frame, seconds)})
    page.context.close()
    return rows


def _measure_window(app: AppServer, page: Page, frame: Frame, seconds: float) -> dict[str, Any]:
    clear_frames(frame)
    dropped_before = _dropped(page)
    cpu_before, start = app.process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    cpu_after, elapsed_s = app.process.cpu_times(), time.perf_counter() - start
    _, returned = logged_frames(frame)
    cpu_s = cpu_after.user + cpu_after.system - cpu_before.user - cpu_before.system
    return {
        "server_cores": round(cpu_s / elapsed_s, 3),
        "shown_fps": round(len(returned) / elapsed_s, 1),
        "dropped": _dropped(page) - dropped_before,
    }


def _dropped(page: Page) -> int:
    return int(page.locator("[data-dropped]").first.get_attribute("data-dropped") or 0)


def report(results: dict[str, Any]) -> str:
    """Format the results as tables."""
    lines = [format_environment(results["header"]), ""]
    if first := results.get("first_visit"):
        lines += [
            f"first visit to a new server: Start can be pressed after {first['start_ms']} ms "
            f"(slowest {first['slowest_start_ms']} ms), title after {first['title_ms']} ms, n "
            f"{first['n']}; the server answers {first['server_start_s']} s after its start",
            "",
        ]
    if "first_paint" not in results:
        return "\n".join(lines)
    lines += ["| page | first paint ms | title ms | n |", "| --- " * 4 + "|"]
    lines += [
        f"| {row['page']} | {row['paint_ms']} | {row['title_ms']} | {row['n']} |"
        for row in results["first_paint"]
    ]
    photo = results["photo"]
    width, height = photo["size_wh"]
    lines += [
        "",
        f"photo of {width}x{height} pixels, {photo['kilobytes']} KB, {photo['faces']} faces, from "
        f"file selection to results: first {photo['first_ms']} ms; then median "
        f"{photo['median_ms']} ms, maximum {photo['slowest_ms']} ms, n {photo['n']}",
        "",
        "| live charts | server cores | shown fps | dropped |",
        "| --- " * 4 + "|",
    ]
    rows = results["charts"]
    lines += [
        f"| {row['charts']} | {row['server_cores']} | {row['shown_fps']} | {row['dropped']} |"
        for row in rows
    ]
    cores = _median(rows, "with", "server_cores") - _median(rows, "without", "server_cores")
    fps_ratio = _median(rows, "with", "shown_fps") / _median(rows, "without", "shown_fps")
    lines.append(f"medians: charts cost {cores:+.3f} cores; frame rate {fps_ratio:.3f} times")
    return "\n".join(lines)


def _median(rows: list[dict[str, Any]], charts: str, key: str) -> float:
    return median(float(row[key]) for row in rows if row["charts"] == charts)
