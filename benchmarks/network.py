"""Cuts of the network during a live stream: when the page says so, and how soon it is back.

The link between the hosts of server and browser is taken down and brought up again, or the
browser's host gets another address. Nobody presses Start again.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
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

WAIT_S = 60.0
MAX_RECOVERY_S = 150.0
CHECK_S = 0.05
FRAMES = 5  # the stream is back when the page has shown so many


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks network`."""
    parser.add_argument(
        "--cuts", type=float, nargs="+", default=[1, 5, 15, 30, 60], metavar="SECONDS",
        help="lengths of the cuts (default: 1 5 15 30 60)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Cut the network for each duration, then change the browser's address.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: Network namespaces cannot be created, or the server does not respond.
    """
    results: dict[str, Any] = {"benchmark": "network", "header": describe_environment()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        playwright = stack.enter_context(sync_playwright())
        camera = write_camera(folder / "1.mjpeg", faces=1, seconds=4)
        app = stack.enter_context(run_app(STREAM_APP, host=hosts.address, prefix=hosts.server))
        browser = stack.enter_context(
            chromium(playwright, camera=camera, origin=app.url, prefix=hosts.client)
        )
        page = new_page(browser)
        page.goto(app.url)
        frame = stream_frame(page, timeout_s=WAIT_S)
        time.sleep(1)
        frame.get_by_role("button", name="Start").click()
        rows = [_measure(page, frame, hosts.disconnect, s, hosts.reconnect) for s in args.cuts]
        moved = _measure(page, frame, hosts.change_client_address, 0, lambda: None)
        results["rows"] = [*rows, {**moved, "cut_s": "new address"}]
    return results


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
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        "| cut, s | reported after, s | frames again after its end, s |",
        "| --- " * 3 + "|",
    ]
    for row in results["rows"]:
        said, back = ("–" if row[k] is None else row[k] for k in ("said_s", "back_s"))
        lines.append(f"| {row['cut_s']} | {said} | {back} |")
    return "\n".join(lines)
