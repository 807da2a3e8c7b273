"""A server whose places are all taken, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.app_server import run_app
from benchmarks.browser import chromium, new_page, stream_frame, wait_for_frames
from tests.browser.conftest import Stage
from tests.browser.test_live_page import WAIT_S, expect_faces, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.fixture
def url(stage: Stage) -> Iterator[str]:
    """The address of a server for one viewer at a time."""
    hosts = stage.hosts
    with run_app(
        "stream_app.py",
        host=hosts.address if hosts else "localhost",
        prefix=hosts.server if hosts else (),
        environment={"FACESTREAM_MAX_VIEWERS": "1"},
    ) as app:
        yield app.url


def test_who_comes_late_sees_the_queue_and_starts_when_the_place_is_free(
    stage: Stage, url: str
) -> None:
    def browser(faces: int) -> AbstractContextManager[Browser]:
        prefix = stage.hosts.client if stage.hosts else ()
        camera = stage.cameras[faces]
        return chromium(stage.playwright, camera=camera, origin=url, prefix=prefix)

    with browser(1) as first, browser(2) as second:
        one, two = new_page(first), new_page(second)
        one.goto(url)
        one_frame = stream_frame(one, timeout_s=WAIT_S)
        press(one_frame, "Start")
        wait_for_frames(one_frame, 10, timeout_s=WAIT_S)

        two.goto(url)
        expect(two.get_by_text("You are next.")).to_be_visible(timeout=WAIT_S * 1e3)
        expect(two.locator("iframe[title*=webrtc]")).to_have_count(0)
        expect_faces(one, 1)

        press(one_frame, "Stop")
        two_frame = stream_frame(two, timeout_s=WAIT_S)
        press(two_frame, "Start")
        wait_for_frames(two_frame, 10, timeout_s=WAIT_S)
        expect_faces(two, 2)

        # Who pressed Stop keeps the page, and waits after another Start.
        expect(one.get_by_text("You are next.")).to_have_count(0)
        one_frame = stream_frame(one, timeout_s=WAIT_S)
        press(one_frame, "Start")
        expect(one.get_by_text("You are next.")).to_be_visible(timeout=WAIT_S * 1e3)
        expect_faces(two, 2)
        press(two_frame, "Stop")
        one_frame = stream_frame(one, timeout_s=WAIT_S)
        press(one_frame, "Start")
        wait_for_frames(one_frame, 10, timeout_s=WAIT_S)
        expect_faces(one, 1)
