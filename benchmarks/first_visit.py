"""How long the first visitor of a server that has just started waits until Start can be pressed."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from playwright.sync_api import Browser

from benchmarks.app_server import STREAM_APP, run_app
from benchmarks.browser import new_page, stream_frame
from benchmarks.netns import TwoHosts


def measure_first_visits(browser: Browser, hosts: TwoHosts, visits: int) -> dict[str, Any]:
    """Milliseconds to the title and to Start, each time of a new server that answers its health.

    Args:
        browser: a running browser; each visit uses a new profile with an empty cache.
        hosts: where server and browser run.
        visits: how many servers to start, one after the other.
    """
    times = []
    for _ in range(visits):
        with run_app(STREAM_APP, host=hosts.address, prefix=hosts.server) as app:
            page = new_page(browser, log_frames=False)
            start = time.perf_counter()
            page.goto(app.url, wait_until="commit")
            page.get_by_role("heading", level=1).first.wait_for(timeout=60_000)
            title_ms = (time.perf_counter() - start) * 1e3
            stream_frame(page, timeout_s=60)
            start_ms = (time.perf_counter() - start) * 1e3
            page.context.close()
            times.append((title_ms, start_ms, app.ready_s))
    return {
        "title_ms": round(median(t for t, _, _ in times)),
        "start_ms": round(median(t for _, t, _ in times)),
        "slowest_start_ms": round(max(t for _, t, _ in times)),
        "server_start_s": round(median(t for _, _, t in times), 2),
        "n": visits,
    }
