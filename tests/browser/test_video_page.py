"""The video page in a real browser."""

from __future__ import annotations

import io
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Page, expect

from benchmarks.browser import new_page
from realtime.core.faces import Frame
from tests.browser.conftest import Stage
from tests.video.clips import TONE_HZ, heard, make_clip, shown

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WAIT_MS = 90_000


def panned(face: Frame, count: int, *, size_wh: tuple[int, int] = (320, 240)) -> list[Frame]:
    """Frames of a face that moves to the right and back."""
    width, height = size_wh
    small = cv2.resize(face, (height, height))
    frames = []
    for i in range(count):
        canvas = np.full((height, width, 3), 150, np.uint8)
        left = round((width - height) * (1 - abs(1 - 2 * i / count)))
        canvas[:, left : left + height] = small
        frames.append(canvas)
    return frames


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory, astronaut: Frame) -> Path:
    """Two seconds with a tone in the format of browser recordings, VP8 and Opus."""
    path = tmp_path_factory.mktemp("clips") / "a party.webm"
    frames = panned(astronaut, 20)
    path.write_bytes(make_clip(frames, "webm", video="libvpx", sound="libopus"))
    return path


def opened(browser: Browser, stage: Stage, **view: int) -> Page:
    page = new_page(browser, **view)
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{stage.app.url}/video")
    return page


def analysed(page: Page, path: Path) -> None:
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Analyse video").click()
    expect(page.get_by_role("button", name="Analyse again")).to_be_visible(timeout=WAIT_MS)


def downloaded(page: Page, label: str, name: str, folder: Path) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    assert download.value.suggested_filename == name
    download.value.save_as(folder / name)
    return (folder / name).read_bytes()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_video_is_annotated_and_exported_with_its_sound(
    browser: Browser, stage: Stage, clip: Path, tmp_path: Path, width: int
) -> None:
    page = opened(browser, stage, width=width)
    analysed(page, clip)
    page.wait_for_function("document.querySelector('video')?.readyState >= 2")
    played = page.evaluate(
        "(v => [v.videoWidth, v.videoHeight, v.duration])(document.querySelector('video'))"
    )
    assert played == [320, 240, pytest.approx(2, abs=0.1)]
    expect(page.get_by_role("heading", name="Face 1")).to_be_visible()
    expect(page.get_by_alt_text("Face 1", exact=True)).to_be_visible()
    overflow = page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )
    assert overflow <= 0
    mp4 = downloaded(page, "MP4", "a party-annotated.mp4", tmp_path)
    codec, size_wh, times_s, seconds = shown(mp4)
    assert (codec, size_wh, len(times_s)) == ("h264", (320, 240), 20)
    assert seconds == pytest.approx(2, abs=0.05)
    name, heard_s, loudest_hz = heard(mp4)
    assert (name, loudest_hz) == ("aac", pytest.approx(TONE_HZ, abs=5))
    assert heard_s == pytest.approx(2, abs=0.1)
    parquet = downloaded(page, "Parquet", "a party.parquet", tmp_path)
    table = pq.read_table(io.BytesIO(parquet))
    assert table.num_rows >= 17
    assert set(table.column("track_id").to_pylist()) == {1}
    types = {field.name: field.type for field in table.schema}
    assert (types["frame"], types["time_s"]) == (pa.int64(), pa.float64())
    assert (types["x0"], types["emotion_happy"]) == (pa.float32(), pa.float32())
    assert types["emotion"] == pa.dictionary(pa.int8(), pa.string())
    csv = downloaded(page, "CSV", "a party.csv", tmp_path)
    assert len(csv.splitlines()) == table.num_rows + 1
    page.close()


def test_an_invalid_file_is_rejected_with_a_message(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    page = opened(browser, stage)
    path = tmp_path / "letter.mp4"
    path.write_text("Dear reader")
    page.set_input_files("input[type=file]", path)
    expect(page.get_by_role("alert")).to_contain_text("letter.mp4 is not a video")
    expect(page.get_by_role("button", name="Analyse video")).to_have_count(0)
    page.close()


def test_an_analysis_can_be_cancelled_and_restarted(
    browser: Browser, stage: Stage, astronaut: Frame, tmp_path: Path
) -> None:
    page = opened(browser, stage)
    path = tmp_path / "long.mp4"
    # An unused box at the end makes the file larger than photos may be.
    padding = (25 * 1024**2).to_bytes(4, "big") + b"free" + bytes(25 * 1024**2 - 8)
    path.write_bytes(make_clip(panned(astronaut, 450, size_wh=(640, 480))) + padding)
    page.set_input_files("input[type=file]", path)
    page.get_by_role("button", name="Analyse video").click()
    expect(page.get_by_text("of 450 frames,")).to_be_visible(timeout=WAIT_MS)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Analysis cancelled")).to_be_visible()
    expect(page.locator("video")).to_have_count(0)
    page.get_by_role("button", name="Analyse again").click()
    expect(page.get_by_role("heading", name="Face 1")).to_be_visible(timeout=WAIT_MS)
    page.close()


def test_result_and_settings_survive_a_visit_to_another_page(
    browser: Browser, stage: Stage, clip: Path
) -> None:
    page = opened(browser, stage)
    page.get_by_text("Gender", exact=True).click()
    analysed(page, clip)
    page.get_by_role("link", name="About").click()
    expect(page.get_by_role("heading", name="About", exact=True)).to_be_visible()
    page.get_by_role("link", name="Video files").click()
    expect(page.get_by_role("heading", name="Face 1")).to_be_visible()
    page.get_by_text("Settings", exact=True).click()
    expect(page.get_by_role("switch", name="Gender")).to_be_checked()
    page.close()
