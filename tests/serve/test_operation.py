"""Two viewers log in, stream through a TURN server, and one of two workers dies."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect, sync_playwright

from benchmarks.browser import (
    chromium,
    chromium_path,
    clear_frames,
    new_page,
    stream_frame,
    wait_for_frames,
)
from benchmarks.fake_camera import write_camera
from benchmarks.netns import TwoHosts
from realtime.core.worker import COOKIE
from tests.conftest import require_or_skip
from tests.serve.operation import OPERATOR, VIEWER, Operation, missing_program, operation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(500)]
WAIT_MS = 60_000
REPLACE_S = 180.0  # of both workers, one after the other, beside a browser on the same cores


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operation]:
    if chromium_path() is None:
        require_or_skip("Chromium was not found: install it or set CHROMIUM")
    if (name := missing_program()) is not None:
        require_or_skip(f"{name} was not found (Debian: coturn, iproute2)")
    if (reason := TwoHosts.unavailable_reason()) is not None:
        require_or_skip(reason)
    with operation(tmp_path_factory.mktemp("operation")) as started:
        yield started


@pytest.fixture(scope="module")
def browser(running: Operation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    camera = write_camera(tmp_path_factory.mktemp("camera") / "1.mjpeg", faces=1, seconds=4)
    with (
        sync_playwright() as playwright,
        chromium(playwright, camera=camera, prefix=running.hosts.client) as opened,
    ):
        yield opened


def log_in(browser: Browser, running: Operation, user: str) -> Page:
    page = new_page(browser, any_certificate=True)
    page.set_default_timeout(WAIT_MS)
    page.goto(running.url)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name=user).click()
    return page


def start(page: Page) -> Frame:
    frame = stream_frame(page, timeout_s=WAIT_MS / 1e3)
    frame.get_by_role("button", name="Start", exact=True).click()
    wait_for_frames(frame, 10, timeout_s=WAIT_MS / 1e3)
    return frame


def worker_of(page: Page) -> str:
    cookies = page.context.cookies()
    return next(str(c.get("value")) for c in cookies if c.get("name") == COOKIE)


def test_viewers_behind_login_and_turn_notice_nothing_of_another_worker_that_dies(
    browser: Browser, running: Operation
) -> None:
    # Only the page asks for a login: nothing of the pages is shown before.
    first = log_in(browser, running, OPERATOR)
    expect(first.get_by_text("operator", exact=False).first).to_be_attached(timeout=WAIT_MS)
    start(first)
    second = log_in(browser, running, VIEWER)
    second_stream = start(second)
    assert worker_of(first) != worker_of(second)
    second_stream.evaluate("window.facestreamSameStream = true")

    # Video comes through the TURN server, since no UDP packet can pass.
    end = time.monotonic() + WAIT_MS / 1e3
    while running.metrics().get("facestream_live_delay_seconds_count", 0) < 2:
        assert time.monotonic() < end, "no browser reported its delay"
        time.sleep(1)
    metrics = running.metrics()
    assert metrics["facestream_live_viewers"] == 2
    assert metrics['facestream_live_frames_total{outcome="shown"}'] > 20

    running.kill_worker(worker_of(first))
    clear_frames(second_stream)
    wait_for_frames(second_stream, 60, timeout_s=WAIT_MS / 1e3)
    assert second_stream.evaluate("window.facestreamSameStream") is True
    expect(second.get_by_text("Connection lost")).to_have_count(0)

    # The dead worker is there again, with the login of its viewer, who can go on.
    first.reload()
    start(first)
    for page in (first, second):
        page.context.close()


def test_a_rolling_restart_cuts_no_viewer_off(browser: Browser, running: Operation) -> None:
    page = log_in(browser, running, VIEWER)
    frame = start(page)
    before = set(running.workers())
    running.supervisor.send_signal(signal.SIGHUP)
    end = time.monotonic() + REPLACE_S
    while len(set(running.workers()) - before) < 2:
        assert time.monotonic() < end, "the workers were not replaced"
        time.sleep(0.5)
    clear_frames(frame)
    wait_for_frames(frame, 30, timeout_s=WAIT_MS / 1e3)
    # A new visitor meets a new worker, while the old one still serves its viewer.
    other = log_in(browser, running, OPERATOR)
    start(other)
    assert worker_of(other) not in before
    clear_frames(frame)
    wait_for_frames(frame, 30, timeout_s=WAIT_MS / 1e3)


def test_the_site_shows_no_metrics(running: Operation) -> None:
    command = [*running.hosts.client, "curl", "-sk", "-o", "-", "-w", "%{http_code}"]
    for path in ("/metrics", "/readyz"):
        done = subprocess.run([*command, running.url + path], capture_output=True, text=True)
        assert done.stdout.endswith("404")


def test_a_password_in_the_configuration_folder_is_private(running: Operation) -> None:
    assert Path(running.folder).stat().st_mode & 0o077 == 0
