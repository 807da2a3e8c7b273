"""The video page as a script: text, state and results, for valid and invalid files."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from realtime import ui
from realtime.attribute.registry import MASK
from realtime.core.answers import Doubt
from realtime.core.faces import Frame, FrameResult
from realtime.core.settings import TRACK, Hiding
from realtime.detect import DETECTORS, live_detector_names
from realtime.media import limits
from realtime.output.tables import FaceTable
from realtime.render.captions import captions
from realtime.ui.video import session as video_session
from realtime.ui.video.captions import duration, progress_caption, stage_caption
from realtime.ui.video.cards import person_html
from realtime.ui.video.hover import MAX_ROWS, details
from realtime.ui.video.session import VideoSession
from realtime.video.job import UNEXPECTED_ERROR, VideoResult, VideoSettings
from realtime.video.people import Person, timestamp
from realtime.video.progress import Progress, Stage, State
from realtime.video.track_names import TrackNames
from tests.builders import answers, tracked_faces
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


def session_of(page: AppTest) -> VideoSession:
    session: VideoSession = page.session_state["video-session"]
    return session


def finished(page: AppTest, label: str = "Analyse video") -> AppTest:
    press(page, label)
    job = session_of(page).job
    assert job is not None
    job.join(WAIT_S)
    return page.run()


def cards_of(page: AppTest) -> list[str]:
    bodies = [element.proto.body for element in page.get("html")]
    return [body for body in bodies if 'class="fv"' in body]


def test_the_page_starts_with_an_upload_and_its_limits(page: AppTest) -> None:
    assert page.title[0].value == "Video files"
    assert {".mp4", ".webm", ".mov", ".mkv"} <= set(page.file_uploader[0].allowed_type)
    text = "\n".join(m.value for m in page.markdown)
    assert "200 MB and 10 minutes" in text
    assert [button.label for button in page.button] == ["Try a sample video"]
    assert not page.error


def finished_sample(page: AppTest) -> None:
    press(page, "Try a sample video")
    job = session_of(page).job
    assert job is not None
    job.join(WAIT_S)
    page.run()


def test_the_sample_shows_a_mask_come_off(page: AppTest) -> None:
    finished_sample(page)
    job = session_of(page).job
    assert job is not None
    assert len(page.get("video")) == 1
    assert len(cards_of(page)) == 2
    assert job.result is not None
    rows = job.result.table.rows()
    masks = rows["mask"][rows["track_id"] == 2].tolist()
    assert (masks[0], masks[-1]) == (0, 1)  # worn, then not


def kept_results() -> int:
    gc.collect()
    return sum(isinstance(item, VideoResult) for item in gc.get_objects())


def page_and_its_end(path: str) -> None:
    import runpy

    from realtime.ui.stale_callbacks import free_stale_callbacks

    runpy.run_path(path)
    free_stale_callbacks()


def test_nothing_is_kept_of_a_video_that_was_removed(clip: bytes) -> None:
    page = AppTest.from_function(page_and_its_end, default_timeout=60, args=(str(PAGE),)).run()
    before = kept_results()
    upload(page, "party.mp4", clip)
    finished(page)
    assert session_of(page).moments
    assert kept_results() == before + 1
    session_of(page).clear()  # as the uploader does when its file is removed
    page.file_uploader[0].set_value([]).run()
    assert "Upload a video" in page.markdown[0].value
    assert session_of(page).moments is None
    assert kept_results() == before


def test_a_video_is_analysed_and_its_result_is_kept(page: AppTest, clip: bytes) -> None:
    upload(page, "party.mp4", clip)
    assert "party.mp4: 320 × 240 px, 1 s, 12 frames, with sound" in [
        image.caption for image in page.get("image")[0].proto.imgs
    ]
    finished(page)
    assert not page.exception
    assert len(page.get("video")) == 1
    assert [d.proto.label for d in page.get("download_button")] == ["MP4"]
    files = ["Report", "CSV", "JSON", "Parquet"]
    moment = ["0:00", "GIF 1", "MP4 1"]  # of the smile
    assert [b.label for b in page.button] == ["Analyse again", *files, *moment]
    (card,) = cards_of(page)
    assert "Face 1" in card
    assert "data:image/jpeg" in card
    assert "no mask" in card
    assert len(page.get("vega_lite_chart")) == 2
    job = session_of(page).job
    page.run()
    assert session_of(page).job is job
    assert len(cards_of(page)) == 1


def test_a_face_is_named_and_merged_and_both_can_be_undone(page: AppTest) -> None:
    finished_sample(page)

    def names() -> list[str]:
        return [card.split("<h4>")[1].split("</h4>")[0] for card in cards_of(page)]

    assert sorted(names()) == ["Face 1", "Face 2"]
    next(t for t in page.text_input if t.label == "Name").set_value("Ann").run()
    assert "Ann" in names()
    other = next(s for s in page.selectbox if s.label == "Same person as")
    other.set_value(2 if names()[0] == "Face 1" or names() == ["Ann", "Face 2"] else 1).run()
    assert names() == ["Ann"]
    press(page, "Undo")
    assert len(names()) == 2
    press(page, "Undo")
    assert sorted(names()) == ["Face 1", "Face 2"]
    assert "Undo" not in [b.label for b in page.button]
    assert not page.exception


def test_changed_settings_are_announced_and_applied(page: AppTest, clip: bytes) -> None:
    finished(upload(page, "party.mp4", clip))
    assert not page.info
    next(t for t in page.toggle if t.label == "Gender").set_value(True).run()
    assert "Press “Analyse again”" in page.info[0].value
    finished(page, "Analyse again")
    assert not page.info
    job = session_of(page).job
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
    next(s for s in page.selectbox if s.label == "Box colour").set_value(TRACK).run()
    for label in ("Boxes", "Labels and numbers", 'Show "unsure" for uncertain results'):
        next(t for t in page.toggle if t.label == label).set_value(False).run()
    for label in ("Draw landmarks", "Gaze", "Gender", "Head pose, eyes and mouth"):
        next(t for t in page.toggle if t.label == label).set_value(True).run()
    page.segmented_control[0].set_value("Blur").run()
    finished(page)
    job = session_of(page).job
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
    assert draw.colour_by == TRACK


def test_another_upload_replaces_everything(page: AppTest, clip: bytes) -> None:
    finished(upload(page, "party.mp4", clip))
    before = session_of(page).job
    upload(page, "letter.mp4", b"Dear reader")
    assert [e.value for e in page.error] == [
        "letter.mp4 is not a video or is damaged. Choose another file."
    ]
    assert session_of(page).job is None
    assert not page.button
    assert not page.get("video")
    upload(page, "again.mp4", clip)
    assert not page.error
    assert session_of(page).job is not before
    page.file_uploader[0].set_value(None).run()
    assert session_of(page).empty


def test_an_unexpected_error_is_one_sentence(
    page: AppTest, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("a detail for the log")

    monkeypatch.setattr(video_session, "open_upload", broken)
    upload(page, "party.mp4", clip)
    assert [e.value for e in page.error] == [f"party.mp4: {UNEXPECTED_ERROR}"]
    assert not page.exception


def test_a_video_without_faces_gives_advice(page: AppTest, moving: list[Frame]) -> None:
    gray = [frame * 0 + 128 for frame in moving]
    finished(upload(page, "wall.mp4", make_clip(gray)))
    assert any("No faces found" in m.value for m in page.markdown)
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


def test_upload_and_job_end_with_the_session(
    page: AppTest, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: dict[str, Callable[[], None]] = {}
    monkeypatch.setattr(video_session, "at_session_end", ended.__setitem__)
    session = session_of(upload(page, "party.mp4", clip))
    session.start(VideoSettings())
    job = session.job
    assert job is not None
    ended["video"]()
    assert session.empty
    assert session.job is None
    job.join(WAIT_S)
    assert not job.running


def test_a_card_gives_the_share_of_frames_between_first_and_last() -> None:
    person = Person(3, 15, 1.0, 2.9, {"mask": ("without_mask", 0.8)})
    html = person_html(person, "Ann <b>", np.arange(50) / 10, None)
    assert "<h4>Ann &lt;b&gt;</h4>" in html
    assert "0:01–0:02, visible 75% of that time" in html
    assert "no mask 80% of the time" in html
    assert "<img" not in html


def test_captions() -> None:
    assert [timestamp(s) for s in (0, 9.9, 65, 600)] == ["0:00", "0:09", "1:05", "10:00"]
    assert [duration(s) for s in (0, 3.4, 65, 600)] == ["0 s", "3 s", "1 min 5 s", "10 min"]
    assert progress_caption(Progress(0, 90, 0)) == "0 of 90 frames"
    assert stage_caption(Stage.LOADING, Progress(0, 90, 0)) == "Loading models…"
    assert stage_caption(Stage.ANALYSING, Progress(0, 90, 0)) == "Reading the first frames…"
    assert stage_caption(Stage.ANALYSING, Progress(9, 90, 3)).startswith("9 of 90 frames")
    assert stage_caption(Stage.FINISHING, Progress(90, 90, 3)) == "Writing the annotated video…"
    assert progress_caption(Progress(30, 90, 20)) == "30 of 90 frames, 20 fps, 3 s left"
    assert progress_caption(Progress(30, 9030, 50)) == "30 of 9030 frames, 50 fps, 3 min left"


def test_details_of_the_faces_on_every_frame_of_a_short_video() -> None:
    table, times_s = FaceTable(), np.arange(300) / 30
    for i in range(300):
        mask = answers(MASK, [[0.02, 0.97, 0.01]] * 2, doubts=[0, Doubt.CLOSE])
        table.add(FrameResult(tracked_faces([1, 2], mask=mask), (60, 60), times_s[i]), i)
    steps = details(table.rows(), times_s, TrackNames().rename(1, "Ann"))
    assert len(steps) == 300  # as the picture shows them, frame by frame
    assert all(a["at_s"] < b["at_s"] for a, b in pairwise(steps))
    texts = [face["text"] for face in steps[0]["faces"]]
    assert texts == ["Ann\nno mask 97%", "Face 2\nmask unsure"]
    assert steps[0]["faces"][0]["box"] == [0, 0, 30, 40]
    assert details(FaceTable().rows(), times_s, TrackNames()) == []


def test_details_and_picture_say_the_same_of_a_label_that_is_held() -> None:
    mask = replace(answers(MASK, [[0.9, 0.09, 0.01]]), shown=np.array([1]))
    faces, table = tracked_faces([1], mask=mask), FaceTable()
    table.add(FrameResult(faces, (60, 60), 0.0), 0)
    (step,) = details(table.rows(), np.zeros(1), TrackNames())
    assert step["faces"][0]["text"].splitlines()[1:] == ["no mask"] == captions(faces, 0)


def test_details_of_a_crowd_are_bounded() -> None:
    table, times_s = FaceTable(), np.arange(2000) / 2
    for i in range(2000):
        table.add(FrameResult(tracked_faces(range(1, 17)), (60, 60), times_s[i]), i)
    steps = details(table.rows(), times_s, TrackNames())
    assert sum(len(step["faces"]) for step in steps) <= MAX_ROWS
    assert steps[-1]["at_s"] > 900  # thinned out, not cut off
    assert steps[-1]["faces"]
