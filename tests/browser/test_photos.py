"""The Photos page with several photos, downloads, the camera and a link, in a real browser."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from urllib.parse import parse_qs, urlparse

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
def files(tmp_path: Path, astronaut: Frame, hopper: Frame) -> list[Path]:
    """A photo of two people, and one of one person."""
    pictures = {"two people.jpg": np.hstack([astronaut, hopper[:512]]), "one.png": hopper}
    for name, picture in pictures.items():
        cv2.imwrite(str(tmp_path / name), picture)
    return [tmp_path / name for name in pictures]


def open_page(browser: Browser, stage: Stage, query: str = "") -> Page:
    page = new_page(browser)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/photo{query}")
    expect(page.get_by_role("heading", name="Photos", exact=True)).to_be_visible(timeout=WAIT_MS)
    return page


def upload(page: Page, files: list[Path]) -> None:
    page.set_input_files("input[type=file]", files)
    expect(page.get_by_role("heading", name="2 faces")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("button", name="one.png 1 face")).to_be_visible(timeout=WAIT_MS)


def download(page: Page, label: str) -> tuple[str, bytes]:
    """Click a download button and return the file's name and bytes."""
    with page.expect_download() as event:
        page.get_by_role("button", name=label).click()
    return event.value.suggested_filename, Path(event.value.path()).read_bytes()


def test_downloads_can_be_opened(browser: Browser, stage: Stage, files: list[Path]) -> None:
    page = open_page(browser, stage)
    upload(page, files)
    name, data = download(page, "All faces")
    assert name == "photos-faces.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        crops = {n: np.frombuffer(archive.read(n), np.uint8) for n in archive.namelist()}
    assert list(crops) == [
        "two people/two people-face01.png",
        "two people/two people-face02.png",
        "one/one-face01.png",
    ]
    assert all(min(cv2.imdecode(crop, 1).shape[:2]) > 90 for crop in crops.values())
    name, data = download(page, "CSV")
    rows = list(csv.DictReader(io.StringIO(data.decode())))
    assert name == "photos.csv"
    assert [row["path"] for row in rows] == ["two people.jpg", "two people.jpg", "one.png"]
    name, data = download(page, "JSON")
    assert name == "photos.json"
    assert [len(record["faces"]) for record in json.loads(data)] == [2, 1]
    page.get_by_text("This photo", exact=True).click()
    expect(page.get_by_role("button", name="Annotated photos")).to_have_count(0)
    name, data = download(page, "Annotated photo")
    assert name == "two people-annotated.jpg"
    assert cv2.imdecode(np.frombuffer(data, np.uint8), 1).shape == (512, 1024, 3)
    page.close()


def test_photos_are_selected_and_zoomed_by_keyboard(
    browser: Browser, stage: Stage, files: list[Path]
) -> None:
    page = open_page(browser, stage)
    upload(page, files)
    other = page.get_by_role("button", name="one.png 1 face")
    other.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 face")).to_be_visible(timeout=WAIT_MS)
    expect(other).to_have_attribute("aria-pressed", "true")
    expect(other).to_be_focused()
    page.get_by_label("Detected faces", exact=True).focus()
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.get_by_text("225 %")).to_be_visible()
    scroll = "[...document.querySelectorAll('.pv-pane')].map(p => [p.scrollLeft, p.scrollTop])"
    before = page.evaluate(scroll)
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(f"({scroll})[0][0] > {before[0][0]} + 20")
    page.wait_for_function(f"JSON.stringify(({scroll})[0]) === JSON.stringify(({scroll})[1])")
    page.keyboard.press("0")
    expect(page.get_by_text("100 %", exact=True)).to_be_visible()
    page.close()


def test_two_detectors_are_compared(browser: Browser, stage: Stage, files: list[Path]) -> None:
    page = open_page(browser, stage)
    upload(page, files)
    selection = page.get_by_role("combobox", name="Detectors")
    for count, name in enumerate(("FaceStream", "dlib HOG"), 1):
        selection.scroll_into_view_if_needed()  # scrolling closes the list
        page.wait_for_timeout(300)
        selection.click()
        page.get_by_role("option", name=name, exact=True).click()
        # The list is built anew by each rerun: wait for the result before the next choice.
        expect(page.get_by_text(re.compile(r"2 faces · \d+ ms detection"))).to_have_count(
            count, timeout=WAIT_MS
        )
    page.keyboard.press("Escape")
    page.close()


def test_camera_takes_a_photo(browser: Browser, stage: Stage) -> None:
    page = open_page(browser, stage)
    expect(page.locator("video")).to_have_count(0)
    page.get_by_text("Use camera").click()
    # Streamlit enables its button before the camera is ready; a click then has no effect.
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    page.get_by_role("button", name="Take Photo").click()
    expect(page.get_by_text("snapshot.jpg: ")).to_be_visible(timeout=WAIT_MS)
    expect(page.get_by_role("heading", name="1 face")).to_be_visible(timeout=WAIT_MS)
    page.close()


def test_a_link_restores_the_settings(browser: Browser, stage: Stage, files: list[Path]) -> None:
    page = open_page(browser, stage)
    page.get_by_text("Settings", exact=True).click()
    # A rerun closes an open list: wait for each change to reach the address.
    page.get_by_text("Gender", exact=True).click()
    page.wait_for_url("**gender=true**")
    page.get_by_text("Draw landmarks", exact=True).click()
    page.wait_for_url("**drawn=true**")
    page.get_by_role("combobox", name="Detector").click()
    page.get_by_role("option", name="BlazeFace full range").click()
    page.wait_for_function("new URLSearchParams(location.search).size === 3")
    query = urlparse(page.url).query
    assert parse_qs(query) == {
        "gender": ["true"],
        "drawn": ["true"],
        "detector": ["blazeface-full"],
    }
    page.close()
    page = open_page(browser, stage, f"?{query}")
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_role("switch", name="Gender")).to_be_checked(timeout=WAIT_MS)
    expect(page.get_by_role("switch", name="Draw landmarks")).to_be_checked()
    expect(page.get_by_role("switch", name="Gaze")).not_to_be_checked()
    upload(page, files)
    expect(page.get_by_text("female").first).to_be_visible()
    page.close()
