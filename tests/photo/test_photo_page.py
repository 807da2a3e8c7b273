"""The Photos page with one photo, without a browser."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from realtime import ui
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.media import pictures
from realtime.media.picture_memory import PictureMemory
from realtime.output.crops import encode
from realtime.output.photo_files import face_png
from realtime.ui.photo import analysis as photo_analysis
from realtime.ui.photo.analysis import (
    Photo,
    PhotoAnalysis,
    analyse,
    annotated_preview_jpg,
    to_analysed_photo,
)
from realtime.ui.photo.link import PhotoView
from tests.conftest import Thresholds

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


def selected_analysis(page: AppTest) -> PhotoAnalysis:
    """The analysis of the selected photo."""
    selected = page.session_state["photo-selected"]
    return dict[str, PhotoAnalysis](page.session_state["photo-analyses"])[selected]


def analyses_of(page: AppTest) -> list[PhotoAnalysis]:
    """The analyses of all photos, in the order of the strip."""
    analyses = dict[str, PhotoAnalysis](page.session_state["photo-analyses"])
    return [analyses[item["id"]] for item in component(page, "photo_strip")["items"]]


def component(page: AppTest, name: str) -> dict[str, Any]:
    """The data of the component with that name."""
    protos = [element.proto for element in page.get("bidi_component")]
    return next(json.loads(p.json) for p in protos if p.component_name == name)


def settings_of(page: AppTest) -> AnalysisSettings:
    view: PhotoView = page.session_state["photo-settings"]
    return view.settings


def texts(page: AppTest) -> str:
    assert not page.exception
    return "\n".join(e.value for e in (*page.subheader, *page.markdown, *page.info, *page.error))


def cards_of(page: AppTest) -> list[str]:
    """The HTML of each face's card, without its picture, whose letters may spell any word."""
    bodies = [element.proto.body for element in page.get("html")]
    return [re.sub(r'src="data:[^"]*"', "", body) for body in bodies if 'class="fp"' in body]


def adding(page: AppTest) -> Any:
    """The expander with the uploader, which Streamlit 1.60's test runner takes for a status."""
    return next(e.proto for e in (*page.expander, *page.status) if e.label == "Add photos")


def test_the_page_starts_with_an_uploader_and_samples(page: AppTest) -> None:
    assert page.title[0].value == "Photos"
    assert page.file_uploader[0].allowed_type == [".jpg", ".jpeg", ".png", ".webp"]
    assert [button.label for button in page.button] == ["Try sample photos"]
    assert not page.error


def test_samples_show_what_the_page_does(page: AppTest) -> None:
    assert adding(page).expanded
    page.button[0].click().run()
    items = component(page, "photo_strip")["items"]
    assert [item["caption"] for item in items] == ["1 face"] * 3
    assert page.subheader[0].value == "1 face"
    assert not adding(page).expanded  # the results come first now
    labels = [photo.result.faces.label("mask", 0) for photo in analyses_of(page)]
    assert [label and label[0] for label in labels] == ["without_mask", "without_mask", "with_mask"]
    next(b for b in page.button if b.label == "Remove all photos").click().run()
    assert page.button[0].label == "Try sample photos"


def test_results_are_kept_across_reruns(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    assert page.subheader[0].value == "2 faces"
    captions = [caption.value for caption in page.caption]
    assert any(text.startswith("group.png: 1024 × 512 px, ") for text in captions)
    cards = cards_of(page)
    assert len(cards) == 2
    assert all("no mask" in card and "neutral" in card for card in cards)
    files = ["All faces", "Annotated photo", "Report", "CSV", "JSON", "COCO", "Label Studio"]
    faces = ["Download face 1", "Download face 2"]
    assert [button.label for button in page.button][1:] == [*files, *faces]
    first, second = component(page, "photo_view")["faces"]  # shown where the pointer rests
    assert first["text"].startswith("Face 1\nno mask")
    assert first["box"][2] < second["box"][0]
    analysis = selected_analysis(page)
    page.run()
    assert page.subheader[0].value == "2 faces"
    assert selected_analysis(page) is analysis


def test_settings_apply_at_once(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    assert page.subheader[0].value == "2 faces"
    page.slider[0].set_value(0.95).run()
    assert page.subheader[0].value in ("No faces found", "1 face")
    assert not page.info


def test_unsure_labels_have_reasons_and_can_be_turned_off(
    page: AppTest, two_faces: bytes, thresholds: Thresholds
) -> None:
    thresholds(min_sharpness=9)
    upload(page, "group.png", two_faces)
    cards = cards_of(page)
    assert all("mask unsure: blurred" in card for card in cards)
    assert all("emotion unsure: blurred" in card for card in cards)
    assert all("fp-bar top" not in card and "neutral" in card for card in cards)
    next(t for t in page.toggle if t.label == 'Show "unsure" for uncertain results').set_value(
        False
    ).run()
    cards = cards_of(page)
    assert all("mask unsure" not in card and "emotion unsure" not in card for card in cards)
    assert all("fp-bar top" in card for card in cards)


def test_a_new_photo_replaces_the_old_result(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    upload(page, "gray.png", encode(np.full((90, 120, 3), 128, np.uint8), ".png"))
    assert page.subheader[0].value == "No faces found"
    assert "Lower “Detection threshold”" in texts(page)
    page.file_uploader[0].set_value(None).run()
    assert not page.subheader
    assert [button.label for button in page.button] == ["Try sample photos"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"not a picture", "Unsupported file"),
        (b"", "empty"),
        (b"GIF89a" + b"\0" * 90, "GIF"),
        (b"\xff" * (10 * 1024**2 + 1), "10 MB"),
    ],
)
def test_invalid_files_show_an_error_and_no_buttons(
    page: AppTest, data: bytes, message: str
) -> None:
    upload(page, "holiday.jpg", data)
    assert len(page.error) == 1
    assert page.error[0].value.startswith("holiday.jpg: ")
    assert message in page.error[0].value
    assert [button.label for button in page.button] == ["Remove photo"]
    assert not page.exception


def test_unexpected_errors_are_explained(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("details for the log")

    monkeypatch.setattr(photo_analysis, "analyze_photo", broken)
    upload(page, "group.png", two_faces)
    assert [e.value for e in page.error] == [photo_analysis.UNEXPECTED_ERROR]
    assert not page.exception


def test_more_than_twelve_faces_are_shown_on_request(page: AppTest, hopper: Frame) -> None:
    head = cv2.resize(hopper[50:400, 88:438], (150, 150))
    upload(page, "crowd.png", encode(np.tile(head, (3, 5, 1)), ".png"))
    assert page.subheader[0].value == "15 faces"
    assert len(cards_of(page)) == 12
    next(t for t in page.toggle if t.label.startswith("Show all")).set_value(True).run()
    assert len(cards_of(page)) == 15


def test_large_photos_are_scaled_down_for_display_but_not_for_crops(
    networks: Networks, hopper: Frame
) -> None:
    large = encode(cv2.resize(hopper, (2048, 2400)), ".png")
    photo = Photo(id="1", name="large.png", data=large)
    analysis = analyse(lambda: networks, photo, AnalysisSettings())
    assert analysis.result.size_wh == (2048, 2400)
    annotated = annotated_preview_jpg(analysis, DrawSettings())
    sizes = [_size(data) for data in (analysis.preview_jpg, annotated)]
    assert [max(size) for size in sizes] == [photo_analysis.PREVIEW_SIDE_PX] * 2
    assert annotated != analysis.preview_jpg
    assert max(_size(face_png(to_analysed_photo(photo, analysis), 0))) > 1000
    assert max(_size(analysis.crops_jpg[0])) == photo_analysis.CARD_SIDE_PX


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

    monkeypatch.setattr(photo_analysis, "decode_picture", freed_at_the_second)
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
