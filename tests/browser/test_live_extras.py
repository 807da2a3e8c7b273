"""Snapshots, recordings, export, charts and alerts of a running stream, in a real browser."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import av
import cv2
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from benchmarks.browser import clear_frames, new_page, stream_frame, wait_for_frames
from realtime.core.faces import Frame as Picture
from realtime.ui.live.camera_notice import MESSAGES
from realtime.ui.live.mask_alert import MASKS_OFF
from tests.browser.conftest import Stage
from tests.browser.test_live_page import WAIT_S, expect_faces, opened, press
from tests.open_faces import open_faces

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
WAIT_MS = WAIT_S * 1e3


def started(browser: Browser, stage: Stage, **view: int) -> tuple[Page, Frame]:
    page, frame = opened(browser, stage, **view)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    return page, frame


def with_sound(page: Page, stage: Stage) -> tuple[Page, Frame]:
    """Open the live page, turn on “Record sound” and wait until the stream's iframe knows."""
    page.set_default_timeout(WAIT_MS)
    page.add_init_script(
        "addEventListener('message', e => { if (e.data.args) window.__args = e.data.args })"
    )
    page.goto(stage.app.url)
    frame = stream_frame(page, timeout_s=WAIT_S)
    page.get_by_text("Record sound", exact=True).click()
    wait_for_sound(frame, on=True)
    return page, frame


def wait_for_sound(frame: Frame, *, on: bool) -> None:
    expression = f"window.__args?.media_stream_constraints?.audio === {str(on).lower()}"
    frame.wait_for_function(expression, timeout=WAIT_MS)


def click(page: Page, name: str) -> None:
    """Click the button with this name after its icon."""
    page.get_by_role("button", name=re.compile(f"(^| ){name}$")).click()


def downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download(timeout=WAIT_MS) as download:
        click(page, name)
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def wait_frames(frame: Frame, count: int) -> None:
    """Wait for `count` new frames."""
    clear_frames(frame)
    wait_for_frames(frame, count, timeout_s=WAIT_S)


def read_picture(path: Path) -> Picture:
    return np.asarray(cv2.imread(str(path)), np.uint8)


def test_a_recording_with_sound_plays_and_the_stream_goes_on(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    page, frame = with_sound(new_page(browser), stage)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    expect_faces(page, 1)
    threads = stage.app.live_threads()

    click(page, "Record")
    indicator = page.get_by_role("timer")
    expect(indicator).to_have_text(re.compile(r"Recording 0:0[3-9]"), timeout=WAIT_MS)
    wait_frames(frame, 10)
    click(page, "Stop recording")
    expect(indicator).to_be_hidden(timeout=WAIT_MS)
    summary = page.get_by_text(re.compile(r"Recording: 0:\d\d, .* MB, with sound"))
    expect(summary).to_be_visible(timeout=WAIT_MS)
    wait_frames(frame, 10)
    left = stage.app.live_threads()  # an earlier test's may have ended meanwhile
    assert left
    assert left <= threads  # the stream was not restarted

    mp4 = downloaded(page, "Download", tmp_path)
    assert mp4.suffix == ".mp4"
    with av.open(str(mp4)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert (pictures.codec_context.name, sound.codec_context.name) == ("h264", "aac")
        frames = [(f.time, f.to_ndarray(format="bgr24")) for f in container.decode(video=0)]
    minutes, seconds = re.search(r": (\d):(\d\d),", summary.inner_text()).groups()  # type: ignore[union-attr]
    duration_s = 60 * int(minutes) + int(seconds)
    assert duration_s >= 3
    assert frames[-1][0] == pytest.approx(duration_s + 0.5, abs=0.8)
    assert len(frames) > 3 * duration_s
    assert max(open_faces(np.asarray(p, np.uint8)) for _, p in frames[::10]) == 1
    with av.open(str(mp4)) as container:
        samples = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    assert len(samples) / 48_000 == pytest.approx(frames[-1][0], abs=0.5)
    assert np.abs(samples).max() > 0.01  # Chromium's fake microphone beeps once a second

    click(page, "Discard")
    expect(summary).to_be_hidden(timeout=WAIT_MS)
    page.close()


def test_a_recording_ends_with_the_stream_and_remains_available(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    page, frame = started(browser, stage)
    click(page, "Record")
    expect(page.get_by_role("timer")).to_have_text(re.compile("0:0[2-9]"), timeout=WAIT_MS)
    press(frame, "Stop")
    expect(page.get_by_text(re.compile("MB, without sound"))).to_be_visible(timeout=WAIT_MS)
    with av.open(str(downloaded(page, "Download", tmp_path))) as container:
        assert [s.type for s in container.streams] == ["video"]
        assert float(container.duration) / 1e6 > 1
    page.close()


def test_snapshots_decode_and_show_no_face_when_hidden(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    page, _ = started(browser, stage)
    expect_faces(page, 1)
    click(page, "Snapshot")
    annotated, original = (
        read_picture(downloaded(page, name, tmp_path)) for name in ("Annotated", "Original")
    )
    assert annotated.shape == original.shape
    assert open_faces(original) == 1
    assert (annotated != original).any()

    # Hiding faces deletes the snapshot that shows a face; the next one shows none.
    page.get_by_role("radio", name="Blur").click()
    expect(page.get_by_role("button", name="Original")).to_be_hidden(timeout=WAIT_MS)
    click(page, "Snapshot")
    for name in ("Annotated", "Original"):
        assert open_faces(read_picture(downloaded(page, name, tmp_path))) == 0
    page.close()


def test_results_are_exported_as_csv_json_and_parquet(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    page, frame = started(browser, stage)
    expect_faces(page, 1)
    wait_frames(frame, 20)
    page.get_by_role("tab", name="Export").click()
    table = pq.read_table(downloaded(page, "Parquet", tmp_path))
    assert table.num_rows > 10
    assert table.schema.field("track_id").type == pa.int64()
    assert table.schema.field("time_s").type == pa.float64()
    assert table.schema.field("emotion_happy").type == pa.float32()
    assert pa.types.is_dictionary(table.schema.field("mask").type)
    times = table.column("time_s").to_pylist()
    assert times == sorted(times)
    assert 0 <= times[0] < times[-1] < 300
    rows = json.loads(downloaded(page, "JSON", tmp_path).read_bytes())
    assert set(rows[0]) == set(table.column_names)
    as_csv = pyarrow.csv.read_csv(io.BytesIO(downloaded(page, "CSV", tmp_path).read_bytes()))
    assert as_csv.num_rows >= len(rows) >= table.num_rows
    wait_frames(frame, 10)

    # They are available after Stop too.
    press(frame, "Stop")
    page.wait_for_timeout(500)
    assert pq.read_table(downloaded(page, "Parquet", tmp_path)).num_rows >= as_csv.num_rows
    page.close()


def test_charts_show_the_last_minute_of_a_running_stream(browser: Browser, stage: Stage) -> None:
    page, frame = started(browser, stage)
    expect_faces(page, 1)
    page.get_by_role("tab", name="Last minute").click()
    charts = page.get_by_test_id("stVegaLiteChart").locator("canvas, svg.marks")
    expect(charts).to_have_count(2, timeout=WAIT_MS)  # masks, and the emotions of one face
    expect(page.get_by_text(re.compile(r"^Face \d+$")).first).to_be_visible()
    wait_frames(frame, 30)
    page.get_by_role("tab", name="Settings").click()
    expect(charts).to_have_count(0, timeout=WAIT_MS)
    page.close()


def test_the_missing_mask_alert_does_not_change_the_layout(browser: Browser, stage: Stage) -> None:
    page, _ = started(browser, stage)
    expect_faces(page, 1)
    expect(page.locator(".fs-alert")).to_have_count(0)  # off by default
    page.get_by_role("radio", name="Mask check").click()
    alert = page.locator(".fs-alert.on")
    expect(alert).to_have_text(re.compile(r"Face \d+ has no mask"), timeout=WAIT_MS)
    high = page.locator(".fs-alert").bounding_box()
    page.get_by_role("tab", name="Settings").click()
    page.get_by_text("Masks", exact=True).click()
    expect(alert).to_have_count(0, timeout=WAIT_MS)
    banner = page.locator(".fs-alert")
    expect(banner).to_have_text(MASKS_OFF)
    low = banner.bounding_box()
    assert high is not None
    assert low is not None
    assert high["height"] == low["height"]
    page.close()


def test_viewers_have_their_own_settings_results_and_recordings(
    browser: Browser, stage: Stage, tmp_path: Path
) -> None:
    one, one_frame = started(browser, stage)
    with stage.browser(faces=2) as other:
        two, _ = started(other, stage)
        expect_faces(one, 1)
        expect_faces(two, 2)
        two.get_by_role("tab", name="Settings").click()
        two.get_by_text("Emotions", exact=True).click()
        two.get_by_role("tab", name="Results").click()
        click(two, "Record")
        expect(two.get_by_role("timer")).to_be_visible(timeout=WAIT_MS)
        expect(two.locator(".fs-bar")).to_have_count(0, timeout=WAIT_MS)
        expect(one.locator(".fs-bar").first).to_be_visible()
        expect(one.get_by_role("timer")).to_have_count(0)
        for page, expected in ((one, 1), (two, 2)):
            page.get_by_role("tab", name="Export").click()
            table = pq.read_table(downloaded(page, "Parquet", tmp_path))
            _, faces = np.unique(table.column("frame"), return_counts=True)
            assert np.median(faces) == expected
        two.close()
    wait_frames(one_frame, 10)
    one.close()


@pytest.mark.parametrize(
    ("error", "problem"),
    [("NotFoundError", "microphone_missing"), ("NotAllowedError", "microphone_denied")],
)
def test_microphone_problems_are_explained(
    browser: Browser, stage: Stage, error: str, problem: str
) -> None:
    page = new_page(browser)
    page.context.grant_permissions(["camera"])
    page.add_init_script(
        "const media = navigator.mediaDevices, ask = media.getUserMedia.bind(media);"
        "media.getUserMedia = asked => asked.audio"
        f" ? Promise.reject(new DOMException('not here', '{error}')) : ask(asked);"
    )
    _, frame = with_sound(page, stage)
    press(frame, "Start")
    expect(page.get_by_role("alert")).to_have_text(MESSAGES[problem], timeout=WAIT_MS)
    page.get_by_text("Record sound", exact=True).click()  # as the message suggests
    wait_for_sound(frame, on=False)
    press(frame, "Start")
    wait_for_frames(frame, 10, timeout_s=WAIT_S)
    page.close()
