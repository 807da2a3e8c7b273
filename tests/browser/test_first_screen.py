"""What a visitor sees and can do first on the Live page, in a real browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import new_page, stream_frame, wait_for_frames
from tests.browser.conftest import Stage
from tests.browser.test_live_page import WAIT_S, expect_faces, opened, press

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = WAIT_S * 1e3
MAX_SHIFT = 0.05
SHIFTS = """window.__shift = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.__shift += entry.value;
}).observe({ type: 'layout-shift', buffered: true });"""
WIDTHS = pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])


def area(page: Page) -> dict[str, float]:
    box = page.locator(".st-key-live-picture").bounding_box()
    assert box is not None
    return dict(box)


@WIDTHS
def test_nothing_jumps_from_load_to_stop(
    browser: Browser, stage: Stage, width: int, height: int
) -> None:
    page = new_page(browser, width=width, height=height)
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(SHIFTS)
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    before = area(page)
    assert before["width"] / before["height"] == pytest.approx(4 / 3, abs=0.02)
    press(frame, "Start")
    wait_for_frames(frame, 20, timeout_s=WAIT_S)
    expect_faces(page, 1)
    assert area(page) == before
    press(frame, "Stop")
    expect(frame.get_by_role("button", name="Start", exact=True)).to_be_visible()
    assert area(page) == before
    assert page.evaluate("window.__shift") <= MAX_SHIFT
    page.close()


@WIDTHS
def test_promise_sample_and_start_are_above_the_fold(
    browser: Browser, stage: Stage, width: int, height: int
) -> None:
    page, frame = opened(browser, stage, width=width, height=height)
    start = frame.get_by_role("button", name="Start", exact=True).bounding_box()
    picture = area(page)
    assert start is not None
    assert picture["x"] <= start["x"]
    assert picture["y"] <= start["y"]
    assert start["y"] + start["height"] <= picture["y"] + picture["height"] <= height
    for shown in (
        page.get_by_text("Masks and expressions of every face"),
        page.get_by_text("Nothing is saved unless"),
        page.get_by_role("button", name="Try a sample"),
    ):
        box = shown.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height
    page.wait_for_function("document.querySelector('.fs-sample video').currentTime > 0")
    page.close()


def test_the_sample_runs_without_a_camera(stage: Stage) -> None:
    with stage.browser(faces=None) as browser:
        page, frame = opened(browser, stage)
        page.get_by_role("button", name="Try a sample").click()
        expect_faces(page, 2)
        expect(page.locator("#notice")).to_be_hidden()
        press(frame, "Stop")
        expect(page.get_by_role("button", name="Try a sample")).to_be_visible()


def test_keys_start_stop_blur_and_explain_themselves(browser: Browser, stage: Stage) -> None:
    page, frame = opened(browser, stage)
    page.locator("h1").click()
    page.keyboard.press("Space")
    wait_for_frames(frame, 5, timeout_s=WAIT_S)
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Blur")).to_be_checked()
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Off", exact=True)).to_be_checked()
    page.keyboard.press("r")
    expect(page.get_by_role("timer")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_role("timer")).to_be_hidden()
    page.keyboard.press("s")
    expect(page.get_by_role("button", name="Annotated")).to_be_visible()
    page.keyboard.press("f")
    page.wait_for_function("document.fullscreenElement?.matches('.st-key-live-picture')")
    page.keyboard.press("f")
    page.wait_for_function("!document.fullscreenElement")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.locator("h1").click()
    page.keyboard.press("Space")
    expect(frame.get_by_role("button", name="Start", exact=True)).to_be_visible()
    # Not while a choice has the focus, whose keys they are.
    source = page.get_by_label("Source")
    expect(source).to_be_enabled()
    source.focus()
    page.keyboard.press("b")
    expect(page.get_by_role("radio", name="Off", exact=True)).to_be_checked()
    page.close()


def test_a_preset_keeps_its_values_when_the_settings_open(browser: Browser, stage: Stage) -> None:
    page, _ = opened(browser, stage)
    page.get_by_role("radio", name="Mask check").click()
    expect(page.get_by_role("radio", name="Mask check")).to_be_checked()
    page.get_by_role("tab", name="Settings").click()
    for name, on in (("Masks", True), ("Emotions", False), ("Boxes", True)):
        expect(page.get_by_role("switch", name=name, exact=True)).to_be_checked(checked=on)
    expect(page.get_by_role("radio", name="Mask check")).to_be_checked()
    page.close()


RECORD_REQUESTS = """{
  const media = navigator.mediaDevices;
  if (media) {
    window.__asked = [];
    const ask = media.getUserMedia.bind(media);
    media.getUserMedia = o => { window.__asked.push(['camera', o]); return ask(o); };
    media.getDisplayMedia = o => {
      window.__asked.push(['screen', o]);
      return ask({ video: true });
    };
  }
}"""


def test_back_camera_resolution_and_screen_are_requested(browser: Browser, stage: Stage) -> None:
    page = new_page(browser, width=390, height=844)
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(RECORD_REQUESTS)
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    page.get_by_label("Source").select_option("Back camera")
    page.get_by_label("Resolution").select_option("1280 × 720 (HD)")
    press(frame, "Start")
    wait_for_frames(frame, 5, timeout_s=WAIT_S)
    expect(page.get_by_label("Source")).to_be_disabled()
    ((kind, options),) = frame.evaluate("window.__asked")
    assert kind == "camera"
    assert options["video"]["facingMode"] == {"ideal": "environment"}
    assert options["video"]["width"] == {"ideal": 1280}
    assert not options["audio"]
    page.get_by_role("tab", name="Settings").click()
    expect(page.get_by_role("switch", name="Mirror")).not_to_be_checked()
    press(frame, "Stop")
    expect(page.get_by_label("Source")).to_be_enabled()

    page.get_by_label("Source").select_option("Screen or window")
    frame.evaluate("window.__asked.length = 0")
    page.get_by_role("heading", level=1).scroll_into_view_if_needed()  # as the header hides Start
    press(frame, "Start")
    # The stopped stream's picture may still count as frames.
    frame.wait_for_function("window.__asked.length > 0")
    wait_for_frames(frame, 5, timeout_s=WAIT_S)
    ((kind, _),) = frame.evaluate("window.__asked")
    assert kind == "screen"
    page.close()
