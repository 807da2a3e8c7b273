"""Faults while a viewer watches."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Frame, Page, expect

from benchmarks.app_server import AppServer, fetch, run_app
from benchmarks.browser import clear_frames, wait_for_frames
from benchmarks.crowd import crowd
from benchmarks.fake_camera import write_camera
from realtime.ui.live.camera_notice import MESSAGES
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WAIT_S = 60.0
START_S = 180.0  # of five browsers on the same cores
KILLED = 4
# The track of a camera that is unplugged ends, and says so.
UNPLUG = """() => {
  const senders = window.__peers.at(-1).getSenders();
  const { track } = senders.find(sender => sender.track && sender.track.kind === 'video');
  track.stop();
  track.dispatchEvent(new Event('ended'));
}"""


@pytest.fixture
def app(stage: Stage) -> Iterator[AppServer]:
    """An app of the test's own."""
    host = stage.hosts.address if stage.hosts else "localhost"
    prefix = stage.hosts.server if stage.hosts else ()
    with run_app("stream_app.py", host=host, prefix=prefix) as server:
        yield server


def test_the_server_ends_with_success_while_a_viewer_watches(stage: Stage, app: AppServer) -> None:
    with crowd(stage.playwright, app, stage.hosts, stage.cameras[1]) as viewers:
        viewers.start_streams(1)
        app.process.send_signal(signal.SIGTERM)
        try:
            assert app.process.wait(WAIT_S) == 0
        except psutil.TimeoutExpired:
            pytest.fail("the server did not end")


def test_an_unplugged_camera_ends_the_stream_and_start_brings_it_back(
    stage: Stage, app: AppServer
) -> None:
    with crowd(stage.playwright, app, stage.hosts, stage.cameras[1]) as viewers:
        (page,) = viewers.start_streams(1)
        frame = frame_of(page)
        frame.evaluate(UNPLUG)
        expect(page.get_by_role("alert")).to_have_text(MESSAGES["unplugged"], timeout=WAIT_S * 1e3)
        until(lambda: not app.live_threads())
        clear_frames(frame)
        frame.get_by_role("button", name="Start", exact=True).click(timeout=WAIT_S * 1e3)
        wait_for_frames(frame, 5, timeout_s=WAIT_S)
        expect(page.get_by_role("alert")).to_be_hidden()


def test_a_viewer_goes_on_while_four_browsers_are_killed(stage: Stage, tmp_path: Path) -> None:
    # Small and without faces: five browsers share the cores, and all must stream at one time.
    small = write_camera(tmp_path / "small.mjpeg", faces=0, seconds=2, size_wh=(160, 120))
    host = stage.hosts.address if stage.hosts else "localhost"
    prefix = stage.hosts.server if stage.hosts else ()
    options = {"FACESTREAM_SOAK_GRACE_S": "1"}
    with (
        run_app("benchmarks/soak_app.py", host=host, prefix=prefix, environment=options) as app,
        crowd(stage.playwright, app, stage.hosts, stage.cameras[1]) as viewer,
        ExitStack() as stack,
    ):
        (page,) = viewer.start_streams(1)
        others = []
        for _ in range(KILLED):
            others.append(stack.enter_context(crowd(stage.playwright, app, stage.hosts, small)))
            others[-1].start_streams(1)
        until(lambda: held(app, prefix)["streams"] == 1 + KILLED, START_S)
        for other in others:
            other.kill()
        frame = frame_of(page)
        clear_frames(frame)
        until(lambda: held(app, prefix)["streams"] == 1)
        wait_for_frames(frame, 60, timeout_s=WAIT_S)  # two seconds of an undisturbed stream
        until(lambda: held(app, prefix)["sessions"] == 1)
        expect(page.get_by_role("alert")).to_be_hidden()
        assert frame.get_by_role("button", name="Stop").is_visible()


def frame_of(page: Page) -> Frame:
    """The iframe of the page's stream."""
    frame = page.query_selector('iframe[title*="webrtc"]').content_frame()  # type: ignore[union-attr]
    assert frame is not None
    return frame


def held(app: AppServer, prefix: tuple[str, ...]) -> dict[str, int]:
    """What the server of the soak test holds."""
    counts: dict[str, int] = json.loads(fetch(f"{app.url}/soak", prefix, timeout_s=10))
    return counts


def until(condition: Callable[[], bool], wait_s: float = WAIT_S) -> None:
    end_s = time.monotonic() + wait_s
    while not condition():
        assert time.monotonic() < end_s, "it did not happen in time"
        time.sleep(0.2)
