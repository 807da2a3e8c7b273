"""Real browsers at one server, for `python -m benchmarks capacity --browsers N`."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from benchmarks.app_server import STREAM_APP, run_app
from benchmarks.browser import (
    chromium,
    clear_frames,
    logged_frames,
    new_page,
    stream_frame,
    wait_for_frames,
)
from benchmarks.fake_camera import write_camera
from benchmarks.netns import TwoHosts
from benchmarks.process_load import cpu_s, memory_mib

START_S = 120.0
SETTLE_S = 8.0
CAMERA_S = 6.0


def measure(browsers: int, faces: int, seconds: float) -> dict[str, Any]:
    """Let so many pages of one Chromium watch their own streams, drawn by the server.

    Browser and server share the machine, so that fewer are carried than from elsewhere.

    Returns:
        A row of the results; rates are those that the pages showed.

    Raises:
        FileNotFoundError: Chromium is not installed.
        RuntimeError: network namespaces cannot be created, or the server does not respond.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hosts = stack.enter_context(TwoHosts())
        camera = write_camera(folder / "camera.mjpeg", faces=faces, seconds=CAMERA_S)
        app = stack.enter_context(run_app(STREAM_APP, host=hosts.address, prefix=hosts.server))
        playwright = stack.enter_context(sync_playwright())
        browser = stack.enter_context(
            chromium(playwright, camera=camera, origin=app.url, prefix=hosts.client)
        )
        frames = []
        for _ in range(browsers):
            page = new_page(browser)
            page.goto(app.url)
            frame = stream_frame(page, timeout_s=START_S)
            frame.get_by_role("button", name="Start").click()
            wait_for_frames(frame, 1, timeout_s=START_S)
            frames.append(frame)
        time.sleep(SETTLE_S)
        for frame in frames:
            clear_frames(frame)
        start_s, start_cpu_s = time.monotonic(), cpu_s(app.process)
        time.sleep(seconds)
        wall_s, used_s = time.monotonic() - start_s, cpu_s(app.process) - start_cpu_s
        shown = [len(logged_frames(frame)[1]) / wall_s for frame in frames]
        return {
            "mode": "browser",
            "streams": browsers,
            "shown_fps_min": round(min(shown), 2),
            "shown_fps_mean": round(sum(shown) / browsers, 2),
            "cores": round(used_s / wall_s, 2),
            "rss_mib": round(memory_mib(app.process), 1),
        }
