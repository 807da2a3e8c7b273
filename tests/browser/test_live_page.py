"""The live page as a person uses it, in a real browser with a webcam that shows a real face."""

from __future__ import annotations

import base64
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
from realtime.detect import create_detector
from realtime.ui.live.camera_notice import MESSAGES
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_S = 60.0


def opened(browser: Browser, stage: Stage, **view: int) -> tuple[Page, Frame]:
    """The live page, and the frame of its stream."""
    page = new_page(browser, **view)
    page.set_default_timeout(WAIT_S * 1e3)
    page.goto(stage.app.url)
    return page, stream_frame(page, timeout_s=WAIT_S)


def press(frame: Frame, name: str) -> None:
    frame.get_by_role("button", name=name, exact=True).click()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < end, f"waited {WAIT_S} s for this: {what}"
        time.sleep(0.1)


def expect_faces(page: Page, count: int) -> None:
    """The read-out beside the picture, which shows what the server found."""
    read_out = page.locator("[data-faces]")
    expect(read_out).to_have_attribute("data-faces", str(count), timeout=WAIT_S * 1e3)


def shown_picture(frame: Frame) -> Picture:
    data = base64.b64decode(remote_picture(frame).partition(",")[2])
    return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def faces_in(picture: Picture) -> int:
    """How many faces a detector sees in the picture that came back."""
    return len(create_detector("blazeface-short").detect(picture, min_score=0.5))


def test_start_settings_stop_and_start_again(browser: Browser, stage: Stage) -> None:
    foreign: list[str] = []
    # A page that was just closed leaves its stream until the server misses it.
    until(lambda: stage.app.live_threads() == set(), "earlier streams have ended")
    page = new_page(browser)
    page.on("request", lambda r: foreign.append(r.url) if not at_home(r.url, stage) else None)
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    expect(page.get_by_text("Press Start and allow the camera")).to_be_visible()
    assert stage.app.live_threads() == set()  # nothing is loaded for a page that only looks

    # The processed stream runs, and the server's results hold the face.
    press(frame, "Start")
    wait_for_frames(frame, 30, timeout_s=WAIT_S)
    expect_faces(page, 1)
    threads = stage.app.live_threads()
    assert len(threads) == 1
    page.get_by_text("Boxes", exact=True).click()
    page.get_by_text("Labels and numbers", exact=True).click()
    clear_frames(frame)
    wait_for_frames(frame, 20, timeout_s=WAIT_S)
    camera, back = logged_frames(frame)
    numbers = [n for _, n in back if n >= 0]
    assert set(numbers) <= {n for _, n in camera} | set(range(400))
    assert len(set(numbers)) >= len(numbers) // 2  # it is a film, not a still
    until(lambda: faces_in(shown_picture(frame)) == 1, "the face is seen in what comes back")

    # A setting takes effect in mid-stream: same thread, no new start.
    page.get_by_role("radio", name="Pixelate").click()
    until(lambda: faces_in(shown_picture(frame)) == 0, "the face is hidden in what comes back")
    expect_faces(page, 1)  # it is still found, only not shown
    assert stage.app.live_threads() == threads
    page.get_by_role("radio", name="Off", exact=True).click()
    until(lambda: faces_in(shown_picture(frame)) == 1, "the face is seen again")

    # The server of a running stream has loaded nothing of what training needs.
    assert not [m for m in stage.app.modules() if m.partition(".")[0] in HEAVY_MODULES]

    press(frame, "Stop")
    until(lambda: not stage.app.live_threads(), "Stop frees the thread")
    expect(page.get_by_text("Press Start and allow the camera")).to_be_visible()

    clear_frames(frame)
    press(frame, "Start")
    wait_for_frames(frame, 20, timeout_s=WAIT_S)
    expect_faces(page, 1)
    assert foreign == []  # nobody else learns that this page was opened
    page.close()
    until(lambda: not stage.app.live_threads(), "closing the page frees the thread")


def at_home(url: str, stage: Stage) -> bool:
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
    until(lambda: len(stage.app.live_threads()) == 1, "a viewer who leaves frees a thread")
    clear_frames(one_frame)
    wait_for_frames(one_frame, 10, timeout_s=WAIT_S)
    one.close()
    until(lambda: not stage.app.live_threads(), "the last viewer frees the last thread")


@pytest.mark.parametrize(
    ("trouble", "camera", "allow", "secure"),
    [
        ("denied", 1, False, True),
        ("missing", None, True, True),
        ("insecure", 1, True, False),
    ],
)
def test_what_is_wrong_with_the_camera_is_said_in_words(
    stage: Stage, trouble: str, camera: int | None, allow: bool, secure: bool
) -> None:
    if trouble == "insecure" and stage.hosts is None:
        pytest.skip("a page at localhost is secure")
    with stage.browser(faces=camera, allow=allow, secure=secure) as browser:
        page, frame = opened(browser, stage)
        press(frame, "Start")
        expect(page.get_by_role("alert")).to_have_text(MESSAGES[trouble], timeout=WAIT_S * 1e3)
        assert "Error" not in frame.locator("body").inner_text()  # no bare name of an error
        expect(frame.get_by_role("button", name="Start")).to_be_visible()  # the way back
    until(lambda: not stage.app.live_threads(), "no thread is left")


def test_a_lost_connection_is_said_and_start_brings_it_back(browser: Browser, stage: Stage) -> None:
    if stage.hosts is None:
        pytest.skip("only a cable of our own can be pulled")
    page, frame = opened(browser, stage)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    stage.hosts.disconnect()
    try:
        expect(page.get_by_role("alert")).to_have_text(MESSAGES["lost"], timeout=WAIT_S * 1e3)
    finally:
        stage.hosts.reconnect()
    until(lambda: not stage.app.live_threads(), "the broken stream frees its thread")
    clear_frames(frame)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    expect_faces(page, 1)
    expect(page.get_by_role("alert")).to_be_hidden()
    page.close()


def test_nothing_sticks_out_on_a_phone(browser: Browser, stage: Stage) -> None:
    page, frame = opened(browser, stage, width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert frame.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
