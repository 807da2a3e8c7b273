"""Under the app's content security policy everything on its pages still works."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import cv2
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import new_page, stream_frame
from realtime.core.faces import Frame
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WAIT_S = 60


def until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"timed out: {what}"
        time.sleep(0.1)


def open_page(browser: Browser) -> tuple[Page, list[str]]:
    """A page, and a list that collects what its policy refuses."""
    page, refused = new_page(browser, log_frames=False, keep_policy=True), list[str]()
    page.set_default_timeout(WAIT_S * 1e3)
    page.on(
        "console",
        lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None,
    )
    return page, refused


def test_the_live_stream_runs(browser: Browser, stage: Stage) -> None:
    page, refused = open_page(browser)
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    frame.get_by_role("button", name="Start").click()
    until(
        lambda: frame.evaluate("(document.querySelector('video') || {}).currentTime > 1"),
        "the video plays",
    )
    assert refused == []


def test_components_photos_and_charts_are_shown(
    browser: Browser, stage: Stage, astronaut: Frame, tmp_path: Path
) -> None:
    picture = tmp_path / "astronaut.jpg"
    cv2.imwrite(str(picture), astronaut)
    page, refused = open_page(browser)
    page.goto(f"{stage.app.url}/photo")
    page.set_input_files("input[type=file]", picture)
    expect(page.get_by_text("1 face", exact=False).first).to_be_visible()
    page.goto(f"{stage.app.url}/explore")
    expect(page.locator(".vega-embed svg, .vega-embed canvas").first).to_be_visible()
    assert refused == []


def test_scripts_from_elsewhere_are_refused(browser: Browser, stage: Stage) -> None:
    page, refused = open_page(browser)
    page.goto(f"{stage.app.url}/about")
    page.evaluate(
        "const s = document.createElement('script'); s.textContent = 'window.intruder = 1';"
        "document.body.append(s)"
    )
    assert not page.evaluate("window.intruder")
    assert len(refused) == 1
