"""Live streams on bad networks: links with delay, loss or a low rate, and cuts.

Of cuts it measures when the page says so, and how soon the stream is back.

The link between the hosts of server and browser is taken down and brought up again, or the
browser's host gets another address. Nobody presses Start again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import Frame, Page, sync_playwright

from benchmarks.app_server import STREAM_APP, run_app
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
from benchmarks.netns import TwoHosts
from benchmarks.network_links import LINKS, measure_links, report_links

WAIT_S = 60.0
CAMERA_S = 12.0
MAX_RECOVERY_S = 150.0
CHECK_S = 0.05
FRAMES = 5  # the stream is back when the page has shown so many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks network`."""
    parser.add_argument(
        "--cuts", type=float, nargs="*", default=[1, 5, 15, 30, 60], metavar="SECONDS",
        help="lengths of the cuts (default: 1 5 15 30 60; nothing: no cuts)",
    )  # fmt: skip
    parser.add_argument(
        "--links", nargs="*", default=list(LINKS), metavar="LINK", choices=LINKS,
        help=f"impaired links (default: {', '.join(LINKS)}; nothing: none)".replace("%", "%%"),
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=20, help="duration of each impairment (default: 20)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Stream over each impaired link, then cut the network for each duration.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: Network namespaces cannot be created, or the server does not respond.
    """
    with tempfile.TemporaryDirectory() as folder:
        camera = write_camera(Path(folder) / "1.mjpeg", faces=1, seconds=CAMERA_S)
        return {
            "benchmark": "network",
            "header": describe_environment(),
            "links": measure_links(args.links, args.seconds, camera) if args.links else [],
            "rows": _measure_cuts(args.cuts, camera) if args.cuts else [],
        }


def _measure_cuts(cuts_s: Sequence[float], camera: Path) -> list[dict[str, Any]]:
    """Cut the network for each duration, then change the browser's address."""
    with ExitStack() as stack:
        hosts = stack.enter_context(TwoHosts())
        playwright = stack.enter_context(sync_playwright())
        app = stack.enter_context(run_app(STREAM_APP, host=hosts.address, prefix=hosts.server))
        browser = stack.enter_context(
            chromium(playwright, camera=camera, origin=app.url, prefix=hosts.client)
        )
        page = new_page(browser)
        page.goto(app.url)
        frame = stream_frame(page, timeout_s=WAIT_S)
        time.sleep(1)
        frame.get_by_role("button", name="Start").click()
        rows = [_measure(page, frame, hosts.disconnect, s, hosts.reconnect) for s in cuts_s]
        moved = _measure(page, frame, hosts.change_client_address, 0, lambda: None)
        return [*rows, {**moved, "cut_s": "new address"}]


def _measure(
    page: Page, frame: Frame, cut: Callable[[], None], cut_s: float, restore: Callable[[], None]
) -> dict[str, Any]:
    """Measure one cut: seconds until the page says so, and from its end until frames flow."""
    clear_frames(frame)
    wait_for_frames(frame, 60, timeout_s=WAIT_S)
    notice = page.locator("#notice")
    said_s = None
    cut()
    start = time.monotonic()
    while time.monotonic() - start < cut_s:
        if said_s is None and notice.is_visible():
            said_s = round(time.monotonic() - start, 1)
        time.sleep(CHECK_S)
    restore()
    end = time.monotonic()
    clear_frames(frame)
    while len(logged_frames(frame)[1]) < FRAMES and time.monotonic() - end < MAX_RECOVERY_S:
        if said_s is None and notice.is_visible():
            said_s = round(time.monotonic() - start, 1)
        time.sleep(CHECK_S)
    back = len(logged_frames(frame)[1]) >= FRAMES
    back_s = round(time.monotonic() - end, 1) if back else None
    return {"cut_s": cut_s, "said_s": said_s, "back_s": back_s}


def report(results: dict[str, Any]) -> str:
    """Format the results as tables."""
    lines = [format_environment(results["header"])]
    if results["links"]:
        lines += ["", *report_links(results["links"])]
    if results["rows"]:
        header = "| cut, s | reported after, s | frames again after its end, s |"
        lines += ["", header, "| --- " * 3 + "|"]
    for row in results["rows"]:
        said, back = ("–" if row[k] is None else row[k] for k in ("said_s", "back_s"))
        lines.append(f"| {row['cut_s']} | {said} | {back} |")
    return "\n".join(lines)
