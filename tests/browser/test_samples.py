"""A visitor without a photo or a video at hand tries the samples, in a real browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.browser import new_page
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = 60_000


@pytest.mark.parametrize("width", [1280, 390])
def test_sample_photos_are_above_the_fold_and_show_results(
    browser: Browser, stage: Stage, width: int
) -> None:
    page = new_page(browser, width=width, height=844)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/photo")
    button = page.get_by_role("button", name="Try sample photos")
    box = button.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] < 500
    button.click()
    expect(page.get_by_role("heading", name="1 face")).to_be_visible()
    expect(page.get_by_role("button", name="painted-mask.jpg")).to_contain_text("1 face")
    # The results come first: what adds photos is folded away.
    expect(page.get_by_text("Upload photos")).not_to_be_visible()
    page.close()


def test_faces_on_request_in_a_link(browser: Browser, stage: Stage) -> None:
    page = new_page(browser)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/photo?automatic=false")
    page.get_by_role("button", name="Try sample photos").click()
    expect(page.get_by_role("heading", name="Not analysed")).to_be_visible()
    assert "automatic=false" in page.url
    page.get_by_role("button", name=re.compile("Detect faces$")).click()
    expect(page.get_by_role("heading", name="1 face")).to_be_visible()
    page.close()


def test_a_moment_and_a_click_on_a_chart_move_the_video(browser: Browser, stage: Stage) -> None:
    page = new_page(browser)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/video")
    page.get_by_role("button", name="Try a sample video").click()
    video = page.locator("video")
    expect(video).to_be_visible(timeout=2 * WAIT_MS)
    expect(page.get_by_text("Mask off, face 2")).to_be_visible()
    mask_off = page.get_by_role("button", name="0:03").or_(page.get_by_role("button", name="0:04"))
    mask_off.first.click()
    page.wait_for_function("document.querySelector('video').currentTime > 3")
    # Where the pointer rests on a face, its labels are shown.
    video.hover()  # once the page has scrolled to it
    expect(page.locator(".facestream-tip")).to_contain_text("Face 2")
    page.mouse.move(2, 2)
    expect(page.locator(".facestream-tip")).to_have_count(0)
    chart = page.locator(".stVegaLiteChart canvas, .stVegaLiteChart svg").first
    size = chart.bounding_box()
    assert size is not None
    chart.click(position={"x": size["width"] * 0.2, "y": size["height"] / 3})
    page.wait_for_function("document.querySelector('video').currentTime < 2")
    page.close()
