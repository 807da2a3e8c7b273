"""The video page as a script: what it says and keeps, for good files and for bad ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from realtime import ui
from realtime.core.faces import Frame
from realtime.core.settings import Hiding
from realtime.detect import DETECTORS, live_detector_names
from realtime.media import limits
from realtime.ui.video import session as video_visit
from realtime.ui.video.captions import clock, progress_text
from realtime.ui.video.session import VideoVisit
from realtime.video.job import UNEXPECTED_ERROR, Progress, State, VideoSettings
from tests.video.clips import make_clip

PAGE = Path(ui.__file__).parents[1] / "pages" / "video.py"
WAIT_S = 120


@pytest.fixture
def page() -> Iterator[AppTest]:
    yield AppTest.from_file(str(PAGE), default_timeout=60).run()
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def clip(moving: list[Frame]) -> bytes:
    return make_clip(moving)


def upload(page: AppTest, name: str, data: bytes) -> AppTest:
    return page.file_uploader[0].set_value((name, data, "video/mp4")).run()


def press(page: AppTest, label: str) -> AppTest:
    return next(b for b in page.button if b.label == label).click().run()


def visit_of(page: AppTest) -> VideoVisit:
    visit: VideoVisit = page.session_state["video-visit"]
    return visit


def finished(page: AppTest, label: str = "Analyse video") -> AppTest:
    press(page, label)
    job = visit_of(page).job
    assert job is not None
    job.join(WAIT_S)
    return page.run()


def cards_of(page: AppTest) -> list[str]:
    bodies = [element.proto.body for element in page.get("html")]
    return [body for body in bodies if 'class="fv"' in body]


def test_it_starts_with_an_upload_and_says_what_it_takes(page: AppTest) -> None:
    assert page.title[0].value == "Video files"
    assert {".mp4", ".webm", ".mov", ".mkv"} <= set(page.file_uploader[0].allowed_type)
    said = "\n".join(m.value for m in page.markdown)
    assert "200 MB and 10 minutes" in said
    assert not page.button
    assert not page.error


def test_a_video_is_analysed_and_kept(page: AppTest, clip: bytes) -> None:
    upload(page, "party.mp4", clip)
    assert "party.mp4: 320 by 240 pixels, 0:01 min, 12 frames, with sound" in [
        image.caption for image in page.get("image")[0].proto.imgs
    ]
    finished(page)
    assert not page.exception
    assert len(page.get("video")) == 1
    assert [d.proto.label for d in page.get("download_button")] == ["MP4"]
    assert [b.label for b in page.button] == ["Analyse again", "CSV", "JSON", "Parquet"]
    (card,) = cards_of(page)
    assert "Face 1" in card
    assert "data:image/jpeg" in card
    assert "no mask" in card
    assert len(page.get("vega_lite_chart")) == 2
    job = visit_of(page).job
    page.run()
    assert visit_of(page).job is job
    assert len(cards_of(page)) == 1


def test_changed_settings_are_pointed_out_and_take_effect(page: AppTest, clip: bytes) -> None:
    finished(upload(page, "party.mp4", clip))
    assert not page.info
    next(t for t in page.toggle if t.label == "Gender").set_value(True).run()
    assert "press “Analyse again”" in page.info[0].value
    finished(page, "Analyse again")
    assert not page.info
    job = visit_of(page).job
    assert job is not None
    assert job.settings.analysis.attributes == {"mask", "emotion", "gender"}
    assert job.result is not None
    assert set(job.result.table.rows()["gender"]) != {-1}


def test_every_setting_reaches_the_job(page: AppTest, clip: bytes) -> None:
    upload(page, "party.mp4", clip)
    box = page.selectbox[0]
    assert box.options == [DETECTORS[name].name for name in live_detector_names()]
    box.set_value("blazeface-short").run()
    page.slider[0].set_value(0.4).run()
    next(s for s in page.selectbox if s.label == "Landmarks").set_value("dlib68").run()
    for label in ("Boxes", "Labels and numbers", "Say when unsure"):
        next(t for t in page.toggle if t.label == label).set_value(False).run()
    for label in ("Draw landmarks", "Gaze", "Gender", "Head, eyes and mouth"):
        next(t for t in page.toggle if t.label == label).set_value(True).run()
    page.segmented_control[0].set_value("Blur").run()
    finished(page)
    job = visit_of(page).job
    assert job is not None
    assert job.state is State.DONE
    analysis, draw = job.settings.analysis, job.settings.draw
    assert (analysis.detector, analysis.min_score) == ("blazeface-short", 0.4)
    assert (analysis.landmarks, analysis.unsure) == ("dlib68", False)
    assert analysis.gaze
    assert analysis.attributes == {"mask", "emotion", "gender"}
    assert analysis.measures
    assert (draw.boxes, draw.labels, draw.landmarks) == (False, False, True)
    assert draw.hiding is Hiding.BLUR
    assert draw.measures


def test_another_upload_takes_the_place_of_all(page: AppTest, clip: bytes) -> None:
    finished(upload(page, "party.mp4", clip))
    before = visit_of(page).job
    upload(page, "letter.mp4", b"Dear reader")
    assert [e.value for e in page.error] == [
        "letter.mp4 is not a video or is damaged. Choose another file."
    ]
    assert visit_of(page).job is None
    assert not page.button
    assert not page.get("video")
    upload(page, "again.mp4", clip)
    assert not page.error
    assert visit_of(page).job is not before
    page.file_uploader[0].set_value(None).run()
    assert visit_of(page).empty


def test_the_unexpected_is_one_sentence(
    page: AppTest, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a detail for the log")

    monkeypatch.setattr(video_visit, "open_upload", broken)
    upload(page, "party.mp4", clip)
    assert [e.value for e in page.error] == [f"party.mp4: {UNEXPECTED_ERROR}"]
    assert not page.exception


def test_a_video_without_faces_says_what_to_try(page: AppTest, moving: list[Frame]) -> None:
    gray = [frame * 0 + 128 for frame in moving]
    finished(upload(page, "wall.mp4", make_clip(gray)))
    assert any("No face found" in m.value for m in page.markdown)
    assert not page.exception
    assert not cards_of(page)


def test_a_limit_that_was_reached_is_reported(
    page: AppTest, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(page, "party.mp4", clip)
    monkeypatch.setattr(limits, "MAX_VIDEO_FRAMES", 5)
    finished(page)
    assert not page.exception
    assert any(w.value.startswith("Only the first 5 frames of party.mp4") for w in page.warning)


def test_who_leaves_is_forgotten_unless_they_come_back(
    clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = VideoVisit()
    visit.take("party.mp4", clip)
    visit.start(VideoSettings())
    job = visit.job
    assert job is not None
    visit.leave()
    visit.stay()
    assert visit.upload is not None
    monkeypatch.setattr(video_visit, "GRACE_S", 0.0)
    visit.leave()
    assert visit.leaving is not None
    visit.leaving.join(WAIT_S)
    assert visit.empty
    assert visit.job is None
    job.join(WAIT_S)
    assert not job.running


def test_streamlit_tells_when_the_browser_has_gone(page: AppTest, clip: bytes) -> None:
    upload(page, "party.mp4", clip)
    visit = visit_of(page)
    assert visit.leaving is None
    st.cache_resource.clear()  # as a session's caches are when it disconnects
    assert visit.leaving is not None
    page.run()
    assert visit.leaving is None
    assert visit.upload is not None


def test_words() -> None:
    assert [clock(s) for s in (0, 9.9, 65, 600)] == ["0:00", "0:09", "1:05", "10:00"]
    assert progress_text(Progress(0, 90, 0)) == "0 of 90 frames"
    assert progress_text(Progress(30, 90, 20)) == "30 of 90 frames, 20 a second, 3 s left"
    assert progress_text(Progress(30, 9030, 50)) == "30 of 9030 frames, 50 a second, 3 min left"
