"""What a visitor waits for, in a real Chromium: each page, a large photo, charts beside the stream.

Server and browser share this machine. Every page is opened once before, so that the server is
warm; each measured visit is a new profile with an empty cache. A bare Streamlit page is measured
in turn with ours.
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

from benchmarks.browser import (
    chromium,
    clear_frames,
    new_page,
    noted_frames,
    stream_frame,
    wait_for_frames,
)
from benchmarks.fake_camera import write_camera
from benchmarks.moving_faces import scene
from benchmarks.netns import TwoHosts
from benchmarks.served import Served, served

ADDRESSES = ("", "photo", "video", "explore", "benchmarks", "about")
BARE = "bare page"
FACES, SIZE_WH = 10, (4000, 3000)
FILM_S = 12.0
MINUTE_S = 60.0  # the charts show the last minute: they cost most once it is full
SETTLE_S = 3.0
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"

# Notes the milliseconds from the choice of a file to the first frame that shows it before and
# after, and the card of the last face.
WATCH = """faces => {
  let chosen;
  document.addEventListener('change', () => { chosen = performance.now(); }, true);
  const look = () => {
    const shown = [...document.querySelectorAll(`.pv img, [alt="Face ${faces}"]`)];
    if (chosen && shown.length === 3 && shown.every(i => i.src && i.complete && i.naturalWidth))
      window.__took = performance.now() - chosen;
    else requestAnimationFrame(look);
  };
  look();
}"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    parser.add_argument("--visits", type=int, default=5, help="visits of each page (5)")
    parser.add_argument("--photos", type=int, default=5, help="uploads of the photo (5)")
    parser.add_argument("--windows", type=int, default=3, help="with the charts and without (3)")
    parser.add_argument("--seconds", type=float, default=20, help="of each window (20)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure all three.

    Returns:
        The header; milliseconds of each page and of the photo; cores and frames a second with the
        charts and without.

    Raises:
        FileNotFoundError: there is no Chromium.
        RuntimeError: the two network namespaces cannot be made, or a server does not answer.
    """
    from benchmarks.environment import header

    figures: dict[str, Any] = {"benchmark": "pages", "header": header()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        ours, bare = (
            stack.enter_context(served(script, host=hosts.address, prefix=hosts.server))
            for script in ("stream_app.py", "benchmarks/bare_app.py")
        )
        film = write_camera(folder / "1.mjpeg", faces=1, seconds=FILM_S)
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(
            chromium(playwright, camera=film, origin=ours.url, prefix=hosts.client)
        )
        figures["first_paint"] = first_paint(browser, ours, bare, args.visits)
        figures["photo"] = large_photo(browser, ours, folder / "group.jpg", args.photos)
        figures["charts"] = charts(browser, ours, args.windows, args.seconds)
    return figures


def first_paint(browser: Browser, ours: Served, bare: Served, visits: int) -> list[dict[str, Any]]:
    """A row for each page: until something is painted, and until its title is there."""
    places = {BARE: bare.url} | {f"/{address}": f"{ours.url}/{address}" for address in ADDRESSES}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in places}
    for visit in range(visits + 1):
        for name, url in places.items():
            found = _visit(browser, url)
            if visit:
                times[name].append(found)
    return [
        {
            "page": name,
            "paint_ms": round(median(paint for paint, _ in found)),
            "title_ms": round(median(title for _, title in found)),
            "n": len(found),
        }
        for name, found in times.items()
    ]


def _visit(browser: Browser, url: str) -> tuple[float, float]:
    page = new_page(browser, hook=False)
    start = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
    title_ms = (time.perf_counter() - start) * 1e3
    painted = page.evaluate(PAINTED)
    page.context.close()
    return title_ms if painted is None else float(painted), title_ms


def large_photo(browser: Browser, ours: Served, path: Path, uploads: int) -> dict[str, Any]:
    """Milliseconds from the choice of a large photo to its result, as the page itself sees them."""
    cv2.imwrite(str(path), scene(FACES, SIZE_WH))
    times = [_upload(browser, f"{ours.url}/photo", path) for _ in range(uploads + 1)]
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
    page = new_page(browser, hook=False)
    page.goto(url)
    page.get_by_text("Add photos, or take a picture").wait_for(timeout=60_000)
    page.evaluate(WATCH, FACES)
    page.set_input_files("input[type=file]", path)
    took_ms = float(page.wait_for_function("window.__took", timeout=60_000).json_value())
    page.context.close()
    return took_ms


def charts(browser: Browser, ours: Served, windows: int, seconds: float) -> list[dict[str, Any]]:
    """The stream with the charts of the last minute and without, in turn."""
    page = new_page(browser, height=1600)
    page.set_default_timeout(60_000)
    page.goto(ours.url)
    frame = stream_frame(page, timeout_s=60)
    frame.get_by_role("button", name="Start", exact=True).click()
    wait_for_frames(frame, 30, timeout_s=60)
    time.sleep(MINUTE_S)
    rows = []
    for _ in range(windows):
        for tab, name in (("Settings", "without"), ("Last minute", "with")):
            page.get_by_role("tab", name=tab).click()
            time.sleep(SETTLE_S)
            rows.append({"charts": name, **_window(ours, page, frame, seconds)})
    page.context.close()
    return rows


def _window(ours: Served, page: Page, frame: Frame, seconds: float) -> dict[str, Any]:
    clear_frames(frame)
    dropped = _dropped(page)
    before, start = ours.process.cpu_times(), time.perf_counter()
    time.sleep(seconds)
    after, took = ours.process.cpu_times(), time.perf_counter() - start
    _, back = noted_frames(frame)
    cpu_s = after.user + after.system - before.user - before.system
    return {
        "server_cores": round(cpu_s / took, 3),
        "shown_fps": round(len(back) / took, 1),
        "dropped": _dropped(page) - dropped,
    }


def _dropped(page: Page) -> int:
    return int(page.locator("[data-dropped]").first.get_attribute("data-dropped") or 0)


def report(figures: dict[str, Any]) -> str:
    """The figures as tables."""
    from benchmarks.environment import header_text

    lines = [header_text(figures["header"]), ""]
    lines += ["| page | first paint ms | title there ms | n |", "| --- " * 4 + "|"]
    lines += [
        f"| {row['page']} | {row['paint_ms']} | {row['title_ms']} | {row['n']} |"
        for row in figures["first_paint"]
    ]
    photo = figures["photo"]
    width, height = photo["size_wh"]
    lines += [
        "",
        f"photo of {width} by {height} pixels, {photo['kilobytes']} KB, {photo['faces']} faces, "
        f"from choice to result: median {photo['median_ms']} ms, slowest {photo['slowest_ms']} ms, "
        f"n {photo['n']}; the first of all {photo['first_ms']} ms",
        "",
        "| charts of the last minute | server cores | shown fps | dropped |",
        "| --- " * 4 + "|",
    ]
    lines += [
        f"| {row['charts']} | {row['server_cores']} | {row['shown_fps']} | {row['dropped']} |"
        for row in figures["charts"]
    ]
    rows = figures["charts"]
    cores = _median(rows, "with", "server_cores") - _median(rows, "without", "server_cores")
    shown = _median(rows, "with", "shown_fps") / _median(rows, "without", "shown_fps")
    lines.append(f"medians: the charts take {cores:+.3f} cores; frames shown {shown:.3f} times")
    return "\n".join(lines)


def _median(rows: list[dict[str, Any]], charts: str, figure: str) -> float:
    return median(float(row[figure]) for row in rows if row["charts"] == charts)
