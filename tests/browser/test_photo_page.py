"""The Photos page with one photo, in a real browser."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import new_page
from realtime.core.faces import Frame
from tests.browser.conftest import Stage

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = 60_000


@pytest.fixture
def group(tmp_path: Path, astronaut: Frame, hopper: Frame) -> Path:
    """A photo of two people."""
    path = tmp_path / "two people.jpg"
    cv2.imwrite(str(path), np.hstack([astronaut, hopper[:512]]))
    return path


def open_page(browser: Browser, stage: Stage, **viewport: int) -> Page:
    page = new_page(browser, **viewport)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/photo")
    return page


@pytest.mark.parametrize("width", [1280, 390])
def test_upload_detect_and_download(
    browser: Browser, stage: Stage, group: Path, tmp_path: Path, width: int
) -> None:
    page = open_page(browser, stage, width=width)
    page.set_input_files("input[type=file]", group)
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
    # The original, the annotated photo, and two crops.
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=stMain] img')]"
        ".filter(i => i.complete && i.naturalWidth > 0).length === 4"
    )
    expect(page.get_by_text("two people.jpg: 1024 × 512 px")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download face 1").click()
    assert download.value.suggested_filename == "two people-face01.png"
    target = tmp_path / "face.png"
    download.value.save_as(target)
    assert min(cv2.imread(str(target)).shape[:2]) > 90
    overflow = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert overflow <= 0
    page.close()


def test_unsupported_file(browser: Browser, stage: Stage, tmp_path: Path) -> None:
    page = open_page(browser, stage)
    path = tmp_path / "letter.png"
    path.write_text("Dear reader")
    page.set_input_files("input[type=file]", path)
    expect(page.get_by_role("alert")).to_contain_text("letter.png: Unsupported file")
    expect(page.get_by_role("button", name="Download")).to_have_count(0)
    page.close()


def test_results_are_kept_while_another_page_is_shown(
    browser: Browser, stage: Stage, group: Path
) -> None:
    page = open_page(browser, stage)
    page.set_input_files("input[type=file]", group)
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_role("heading", name="Live face analysis")).to_be_visible()
    page.get_by_role("link", name="Photos").click()
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible()
    page.close()


def test_settings_are_kept_while_another_page_is_shown(
    browser: Browser, stage: Stage, group: Path
) -> None:
    page = open_page(browser, stage)
    page.set_input_files("input[type=file]", group)  # with a photo, its component is shown too
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
    page.get_by_text("Settings", exact=True).click()
    gender = page.get_by_role("switch", name="Gender")
    expect(gender).not_to_be_checked()
    page.locator("label", has=gender).click()
    expect(gender).to_be_checked()
    expect(page.get_by_text("Gender", exact=True).nth(1)).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", name="What the labels mean")).to_be_visible()
    page.get_by_role("link", name="Photos").click()
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_role("switch", name="Gender")).to_be_checked()
    page.close()
