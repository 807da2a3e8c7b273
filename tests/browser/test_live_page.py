"""The live page in a real browser with a webcam that shows a real face."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from benchmarks.app_server import HEAVY_MODULES
from benchmarks.browser import (
    clear_frames,
    logged_frames,
    new_page,
    remote_picture,
    stream_frame,
    wait_for_frames,
)
from realtime.core.faces import Frame as Picture
from realtime.live.recorder import CONNECTION_LOST
from realtime.ui.live.camera_notice import MESSAGES
from tests.browser.conftest import Stage
from tests.open_faces import open_faces

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_S = 60.0


def opened(browser: Browser, stage: Stage, **view: int) -> tuple[Page, Frame]:
    """Open the live page; return it and the iframe of its stream."""
    page = new_page(browser, **view)
    page.set_default_timeout(WAIT_S * 1e3)
    page.goto(stage.app.url)
    return page, stream_frame(page, timeout_s=WAIT_S)


def press(frame: Frame, name: str) -> None:
    frame.get_by_role("button", name=name, exact=True).click()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"waited {WAIT_S} s until {what}"
        time.sleep(0.1)


def expect_faces(page: Page, count: int) -> None:
    """Wait until the readout beside the picture shows this number of faces."""
    readout = page.locator("[data-faces]")
    expect(readout).to_have_attribute("data-faces", str(count), timeout=WAIT_S * 1e3)


def shown_picture(frame: Frame) -> Picture:
    data = base64.b64decode(remote_picture(frame).partition(",")[2])
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def test_start_settings_stop_and_start_again(browser: Browser, stage: Stage) -> None:
    foreign: list[str] = []
    # The server notices only after a while that a page was closed.
    until(lambda: stage.app.live_threads() == set(), "earlier streams have ended")
    page = new_page(browser)
    page.on("request", lambda r: None if own_url(r.url, stage) else foreign.append(r.url))
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    expect(page.get_by_text("Press Start and allow the camera")).to_be_visible()
    assert stage.app.live_threads() == set()  # nothing is loaded before Start

    # The processed stream runs and the readout shows the face.
    press(frame, "Start")
    wait_for_frames(frame, 30, timeout_s=WAIT_S)
    expect_faces(page, 1)
    threads = stage.app.live_threads()
    assert len(threads) == 1
    page.get_by_role("tab", name="Settings").click()
    page.get_by_text("Boxes", exact=True).click()
    page.get_by_text("Labels and numbers", exact=True).click()
    clear_frames(frame)
    wait_for_frames(frame, 20, timeout_s=WAIT_S)
    camera, back = logged_frames(frame)
    numbers = [n for _, n in back if n >= 0]
    assert set(numbers) <= {n for _, n in camera} | set(range(400))
    assert len(set(numbers)) >= len(numbers) // 2  # the picture moves
    until(lambda: open_faces(shown_picture(frame)) == 1, "the returned picture shows the face")

    # A setting takes effect without restarting the stream.
    page.get_by_role("radio", name="Pixelate").click()
    until(lambda: open_faces(shown_picture(frame)) == 0, "the returned picture hides the face")
    expect_faces(page, 1)  # it is still detected
    assert stage.app.live_threads() == threads
    page.get_by_role("radio", name="Off", exact=True).click()
    until(lambda: open_faces(shown_picture(frame)) == 1, "the face is visible again")

    # A running stream loads no module that only training needs.
    assert not [m for m in stage.app.modules() if m.partition(".")[0] in HEAVY_MODULES]

    press(frame, "Stop")
    until(lambda: not stage.app.live_threads(), "Stop has ended the thread")
    page.get_by_role("tab", name="Results").click()
    expect(page.get_by_text("Press Start and allow the camera")).to_be_visible()

    clear_frames(frame)
    press(frame, "Start")
    wait_for_frames(frame, 20, timeout_s=WAIT_S)
    expect_faces(page, 1)
    assert foreign == []  # no requests to other servers
    page.close()
    until(lambda: not stage.app.live_threads(), "closing the page has ended the thread")


def own_url(url: str, stage: Stage) -> bool:
    return url.startswith((stage.app.url, stage.app.url.replace("http", "ws", 1), "data:", "blob:"))


def test_two_viewers_see_their_own_faces(browser: Browser, stage: Stage) -> None:
    one, one_frame = opened(browser, stage)
    with stage.browser(faces=2) as other:
        two, two_frame = opened(other, stage)
        press(one_frame, "Start")
        press(two_frame, "Start")
        wait_for_frames(one_frame, 10, timeout_s=WAIT_S)
        wait_for_frames(two_frame, 10, timeout_s=WAIT_S)
        expect_faces(two, 2)
        expect_faces(one, 1)
        assert len(stage.app.live_threads()) == 2
        two.close()
    until(lambda: len(stage.app.live_threads()) == 1, "closing one page has ended its thread")
    clear_frames(one_frame)
    wait_for_frames(one_frame, 10, timeout_s=WAIT_S)
    one.close()
    until(lambda: not stage.app.live_threads(), "closing the other page has ended its thread")


@pytest.mark.parametrize(
    ("problem", "camera", "allow", "secure"),
    [
        ("denied", 1, False, True),
        ("missing", None, True, True),
        ("insecure", 1, True, False),
    ],
)
def test_camera_problems_are_explained(
    stage: Stage, problem: str, camera: int | None, allow: bool, secure: bool
) -> None:
    if problem == "insecure" and stage.hosts is None:
        pytest.skip("pages at localhost are secure")
    with stage.browser(faces=camera, allow=allow, secure=secure) as browser:
        page, frame = opened(browser, stage)
        press(frame, "Start")
        expect(page.get_by_role("alert")).to_have_text(MESSAGES[problem], timeout=WAIT_S * 1e3)
        assert "Error" not in frame.locator("body").inner_text()  # not the bare error name
        expect(frame.get_by_role("button", name="Start")).to_be_visible()  # to try again
    until(lambda: not stage.app.live_threads(), "all threads have ended")


def test_a_cut_is_reported_and_the_stream_comes_back_by_itself(
    browser: Browser, stage: Stage
) -> None:
    if stage.hosts is None:
        pytest.skip("needs network namespaces to cut the connection")
    page, frame = opened(browser, stage)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    expect_faces(page, 1)
    page.get_by_role("radio", name="Pixelate").click()
    until(lambda: open_faces(shown_picture(frame)) == 0, "the returned picture hides the face")
    page.get_by_role("button", name=re.compile("(^| )Record$")).click()
    expect(page.get_by_role("timer")).to_be_visible()
    notice = page.get_by_role("alert").and_(page.locator("#notice"))
    stage.hosts.disconnect()
    try:
        expect(notice).to_have_text(MESSAGES["interrupted"], timeout=WAIT_S * 1e3)
        expect(notice).to_have_text(MESSAGES["reconnecting"], timeout=WAIT_S * 1e3)
    finally:
        stage.hosts.reconnect()
    clear_frames(frame)
    wait_for_frames(frame, 10, timeout_s=30)  # nobody presses Start
    expect_faces(page, 1)
    expect(notice).to_be_hidden()
    assert open_faces(shown_picture(frame)) == 0  # with the same settings
    expect(page.get_by_text(CONNECTION_LOST)).to_be_visible()  # about the recording
    expect(page.get_by_role("button", name=re.compile("(^| )Download$"))).to_be_visible()
    press(frame, "Stop")
    until(lambda: not stage.app.live_threads(), "Stop has ended the thread")
    page.wait_for_timeout(3000)
    expect(frame.get_by_role("button", name="Start")).to_be_visible()  # Stop is final
    page.close()


def test_a_stream_that_fails_before_its_first_picture_restarts(
    browser: Browser, stage: Stage
) -> None:
    page, frame = opened(browser, stage)
    frame.evaluate(
        "HTMLVideoElement.prototype.getVideoPlaybackQuality = () => ({ totalVideoFrames: 0 })"
    )
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)  # which the page does not know of
    page.evaluate(
        """() => {
          const peer = window.facestreamPeerList.at(-1);
          Object.defineProperty(peer, 'connectionState', { get: () => 'failed' });
          peer.dispatchEvent(new Event('connectionstatechange'));
        }"""
    )
    notice = page.get_by_role("alert").and_(page.locator("#notice"))
    expect(notice).to_have_text(MESSAGES["reconnecting"])
    clear_frames(frame)
    wait_for_frames(frame, 10, timeout_s=WAIT_S)  # nobody presses Start
    page.close()


def test_nothing_overflows_on_a_phone(browser: Browser, stage: Stage) -> None:
    page, frame = opened(browser, stage, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert frame.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
