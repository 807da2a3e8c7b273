"""A live stream in a real browser over a slow and a lossy network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Frame, Page

from benchmarks.app_server import AppServer, run_app
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
from tests.browser.conftest import Stage
from tests.conftest import require_or_skip

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_S = 60.0
ADAPT_S = 6.0  # until both ends have noticed
STANDSTILL_S = 8.0  # a browser calls its connection disconnected after some 5 s


@pytest.fixture
def hosts() -> Iterator[ImpairedHosts]:
    if ImpairedHosts.unavailable_reason() is not None:
        require_or_skip(f"needs network namespaces: {ImpairedHosts.unavailable_reason()}")
    with ImpairedHosts() as hosts:
        yield hosts


@contextmanager
def running_stream(stage: Stage, hosts: ImpairedHosts) -> Iterator[tuple[AppServer, Page, Frame]]:
    """An app of its own on these hosts, and a page whose stream runs."""
    with (
        run_app("stream_app.py", host=hosts.address, prefix=hosts.server) as app,
        chromium(
            stage.playwright, camera=stage.cameras[1], origin=app.url, prefix=hosts.client
        ) as browser,
    ):
        page = new_page(browser)
        page.goto(app.url)
        frame = stream_frame(page, timeout_s=WAIT_S)
        frame.get_by_role("button", name="Start", exact=True).click()
        wait_for_frames(frame, 60, timeout_s=WAIT_S)
        yield app, page, frame


def test_the_stream_lives_at_300_kbit_and_recovers(stage: Stage, hosts: ImpairedHosts) -> None:
    with running_stream(stage, hosts) as (app, _, frame):
        threads = app.live_threads()

        hosts.set_link(Link(rate_kbit=300))
        time.sleep(ADAPT_S)
        assert median_delay_ms(frame) < 1000

        hosts.set_link(Link(loss=0.1))
        time.sleep(1)
        assert median_delay_ms(frame) < 1000

        hosts.set_link(Link())
        time.sleep(1)
        assert median_delay_ms(frame) < 500
        assert app.live_threads() == threads  # the same stream


def test_a_stream_survives_a_server_that_stands_still(stage: Stage, hosts: ImpairedHosts) -> None:
    with running_stream(stage, hosts) as (app, page, frame):
        threads = app.live_threads()
        app.process.suspend()
        try:
            page.wait_for_timeout(STANDSTILL_S * 1e3)
        finally:
            app.process.resume()
        clear_frames(frame)
        wait_for_frames(frame, 60, timeout_s=WAIT_S)
        assert app.live_threads() == threads  # the same stream


def median_delay_ms(frame: Frame) -> float:
    """Median delay of the next 30 frames, from page to page."""
    clear_frames(frame)
    wait_for_frames(frame, 30, timeout_s=WAIT_S)
    delays = percentiles(latencies_ms(*logged_frames(frame)))
    assert delays is not None
    return delays["p50"]
