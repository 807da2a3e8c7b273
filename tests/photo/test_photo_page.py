"""The Photos page as a script: what it says and keeps, for good files and for bad ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from realtime import ui
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, create_detector
from realtime.detect.registry import DEFAULT_MEMBERS
from realtime.engine.acceptance import min_photo_score
from realtime.engine.networks import Networks
from realtime.media import pictures
from realtime.media.picture_memory import PictureMemory
from realtime.output.crops import encode
from realtime.output.photo_files import face_png
from realtime.ui.photo import state as photo_state
from realtime.ui.photo.link import PhotoView
from realtime.ui.photo.state import Look, Photo, analysed, look, marked_jpg
from tests.conftest import Thresholds
from tests.detect.test_registry import without

PAGE = Path(ui.__file__).parents[1] / "pages" / "photo.py"


@pytest.fixture
def page() -> Iterator[AppTest]:
    opened = AppTest.from_file(str(PAGE), default_timeout=60).run()
    yield opened
    assert not opened.exception
    st.cache_resource.clear()


@pytest.fixture(scope="module")
def two_faces(astronaut: Frame, hopper: Frame) -> bytes:
    return encode(np.hstack([astronaut, hopper[:512]]), ".png")


def upload(page: AppTest, name: str, data: bytes) -> AppTest:
    return page.file_uploader[0].set_value((name, data, "image/png")).run()


def seen(page: AppTest) -> Look:
    """What was found in the photo that is looked at."""
    chosen = page.session_state["photo-chosen"]
    return dict[str, Look](page.session_state["photo-looks"])[chosen]


def component(page: AppTest, name: str) -> dict[str, Any]:
    """What the component of that name was given to show."""
    protos = [element.proto for element in page.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if p.component_name == name)


def settings_of(page: AppTest) -> AnalysisSettings:
    view: PhotoView = page.session_state["photo-settings"]
    return view.settings


def texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(e.value for e in (*page.subheader, *page.markdown, *page.info, *page.error))


def cards_of(page: AppTest) -> list[str]:
    """The HTML of each face's card."""
    bodies = [element.proto.body for element in page.get("html")]
    return [body for body in bodies if 'class="fp"' in body]


def test_it_starts_with_an_upload_and_nothing_to_press(page: AppTest) -> None:
    assert page.title[0].value == "Photos"
    assert page.file_uploader[0].allowed_type == [".jpg", ".jpeg", ".png", ".webp"]
    assert not page.button
    assert not page.error


def test_faces_are_found_and_kept_across_reruns(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    assert page.subheader[0].value == "2 faces"
    captions = [caption.value for caption in page.caption]
    assert any(text.startswith("group.png: 1024 by 512 pixels, ") for text in captions)
    cards = cards_of(page)
    assert len(cards) == 2
    assert all("no mask" in card and "neutral" in card for card in cards)
    files = ["All faces", "Annotated picture", "CSV", "JSON"]
    faces = ["Download face 1", "Download face 2"]
    assert [button.label for button in page.button][1:] == [*files, *faces]
    found = seen(page)
    page.run()
    assert page.subheader[0].value == "2 faces"
    assert seen(page) is found


def test_changed_settings_take_effect_at_once(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    assert page.subheader[0].value == "2 faces"
    page.slider[0].set_value(0.95).run()
    assert page.subheader[0].value in ("No face found", "1 face")
    assert not page.info


def detector_of(page: AppTest) -> Selectbox:
    return next(box for box in page.selectbox if box.label == "Detector")


def certainty_of(page: AppTest) -> float:
    return float(next(s for s in page.slider if s.label == "Certainty of a face").value)


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_is_listed_and_works(page: AppTest, two_faces: bytes, name: str) -> None:
    # TensorFlow takes long to import on a busy machine; a page's run in a test has a limit.
    create_detector(name)
    upload(page, "group.png", two_faces)
    assert detector_of(page).options == [entry.name for entry in DETECTORS.values()]
    detector_of(page).set_value(name).run()
    assert certainty_of(page) == pytest.approx(min_photo_score(AnalysisSettings(detector=name)))
    assert any(DETECTORS[name].strength in caption.value for caption in page.caption)
    assert not page.error
    assert page.subheader[0].value == "2 faces"


def test_mtcnn_has_thresholds_of_its_own(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("mtcnn").run()
    assert "Refining" in [s.label for s in page.slider]
    next(s for s in page.slider if s.label == "Refining").set_value(0.5).run()
    assert settings_of(page).detector == "mtcnn:0.6/0.5"
    page.run()
    assert settings_of(page).detector == "mtcnn:0.6/0.5"


def test_the_members_of_an_ensemble_are_chosen(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("ensemble").run()
    assert page.multiselect[0].value == list(DEFAULT_MEMBERS)
    page.multiselect[0].set_value(["blazeface-full", "haar"]).run()
    settings = settings_of(page)
    assert settings.detector == "ensemble:blazeface-full+haar"
    assert certainty_of(page) == pytest.approx(min_photo_score(settings))
    assert page.subheader[0].value == "2 faces"
    page.multiselect[0].set_value(["haar"]).run()
    assert settings_of(page).detector == "ensemble"
    assert "two members or more" in "\n".join(c.value for c in page.caption)


def test_a_missing_package_is_one_sentence(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    without("dlib", monkeypatch)
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("hog").run()
    sentence = "dlib HOG is not installed: run pip install dlib-bin."
    assert [w.value for w in page.warning] == [sentence]
    assert [e.value for e in page.error] == [sentence]


def test_a_chosen_certainty_is_kept_for_its_detector_only(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    next(s for s in page.slider if s.label == "Certainty of a face").set_value(0.8).run()
    assert settings_of(page).min_score == 0.8
    detector_of(page).set_value("haar").run()
    assert settings_of(page).min_score is None
    assert certainty_of(page) == pytest.approx(DETECTORS["haar"].min_score)


def test_an_unsure_answer_says_why_and_can_be_switched_off(
    page: AppTest, two_faces: bytes, thresholds: Thresholds
) -> None:
    thresholds(least_sharpness=9)
    upload(page, "group.png", two_faces)
    cards = cards_of(page)
    assert all("mask unsure: blurred" in card for card in cards)
    assert all("emotion unsure: blurred" in card for card in cards)
    assert all("fp-bar top" not in card and "neutral" in card for card in cards)
    next(t for t in page.toggle if t.label == "Say when unsure").set_value(False).run()
    cards = cards_of(page)
    assert all("mask unsure" not in card and "emotion unsure" not in card for card in cards)
    assert all("fp-bar top" in card for card in cards)


def test_another_picture_clears_the_old_result(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    upload(page, "gray.png", encode(np.full((90, 120, 3), 128, np.uint8), ".png"))
    assert page.subheader[0].value == "No face found"
    assert "Lower “Certainty of a face”" in texts(page)
    page.file_uploader[0].set_value(None).run()
    assert not page.subheader
    assert not page.button


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"no picture at all", "Unsupported file"),
        (b"", "empty"),
        (b"GIF89a" + b"\0" * 90, "GIF"),
        (b"\xff" * (10 * 1024**2 + 1), "10 MB"),
    ],
)
def test_bad_files_get_a_sentence_and_no_button(page: AppTest, data: bytes, words: str) -> None:
    upload(page, "holiday.jpg", data)
    assert len(page.error) == 1
    assert page.error[0].value.startswith("holiday.jpg: ")
    assert words in page.error[0].value
    assert not page.button
    assert not page.exception


def test_the_unexpected_is_one_sentence_too(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a detail for the log")

    monkeypatch.setattr(photo_state, "analyze_photo", broken)
    upload(page, "group.png", two_faces)
    assert [e.value for e in page.error] == [photo_state.ODD]
    assert not page.exception


def test_many_faces_are_shown_on_demand(page: AppTest, hopper: Frame) -> None:
    head = cv2.resize(hopper[50:400, 88:438], (150, 150))
    upload(page, "crowd.png", encode(np.tile(head, (3, 5, 1)), ".png"))
    assert page.subheader[0].value == "15 faces"
    assert len(cards_of(page)) == 12
    next(t for t in page.toggle if t.label.startswith("Show all")).set_value(True).run()
    assert len(cards_of(page)) == 15


def test_a_large_picture_is_shown_small_but_cut_in_full(networks: Networks, hopper: Frame) -> None:
    large = encode(cv2.resize(hopper, (2048, 2400)), ".png")
    photo = Photo("1", "large.png", large)
    found = look(lambda: networks, photo, AnalysisSettings())
    assert found.result.size_wh == (2048, 2400)
    marked = marked_jpg(found, DrawSettings())
    shown = [_size(data) for data in (found.shown_jpg, marked)]
    assert [max(size) for size in shown] == [photo_state.SHOWN_SIDE_PX] * 2
    assert marked != found.shown_jpg
    assert max(_size(face_png(analysed(photo, found), 0))) > 1000
    assert max(_size(found.cards_jpg[0])) == photo_state.CARD_SIDE_PX


def _size(data: bytes) -> tuple[int, int]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    return picture.shape[1], picture.shape[0]


def test_a_busy_server_is_asked_again(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_uploads", PictureMemory(max_bytes=10, wait_s=0))
    attempts = []

    def freed_at_the_second(data: bytes) -> Frame:
        attempts.append(data)
        if len(attempts) == 2:
            monkeypatch.undo()
        return pictures.decode_picture(data)

    monkeypatch.setattr(photo_state, "decode_picture", freed_at_the_second)
    upload(page, "group.png", two_faces)
    assert len(attempts) == 2
    assert not page.error
    assert page.subheader[0].value == "2 faces"


def test_a_download_from_a_busy_server_is_a_message(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(page, "group.png", two_faces)
    monkeypatch.setattr(pictures, "_uploads", PictureMemory(max_bytes=10, wait_s=0))
    next(b for b in page.button if b.label == "All faces").click().run()
    assert [t.value for t in page.toast] == ["The server is busy: try again in a moment."]
    assert not page.exception
