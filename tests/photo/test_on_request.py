"""Photos with "Detect automatically" off: originals first, faces when the visitor asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings
from realtime.output.crops import encode
from realtime.ui.photo import analyses
from realtime.ui.photo.analysis import PhotoAnalysis
from tests.photo.test_photo_link import open_page, query_of
from tests.photo.test_photo_page import cards_of, component, selected_analysis, texts


@pytest.fixture(scope="module")
def portraits(astronaut: Frame, hopper: Frame) -> list[tuple[str, bytes, str]]:
    return [
        ("a.png", encode(astronaut, ".png"), "image/png"),
        ("b.png", encode(hopper, ".png"), "image/png"),
    ]


def press(page: AppTest, label: str) -> AppTest:
    return next(b for b in page.button if b.label == label).click().run()


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


def test_the_original_comes_first_and_faces_on_request(
    portraits: list[tuple[str, bytes, str]],
) -> None:
    page = open_page(automatic="false")
    page.file_uploader[0].set_value(portraits[:1]).run()
    assert page.subheader[0].value == "Not analysed"
    (shown,) = page.get("image")[0].proto.imgs
    assert shown.caption.startswith("a.png: 512 × 512 px, ")
    assert "analysed" not in shown.caption
    assert labels(page) == ["Remove photo", "Detect faces"]
    assert query_of(page)["automatic"] == "false"
    press(page, "Detect faces")
    assert page.subheader[0].value == "1 face"
    assert len(cards_of(page)) == 1
    assert "Detect faces" not in labels(page)


def test_each_photo_is_asked_for_alone_or_with_all_others(
    portraits: list[tuple[str, bytes, str]],
) -> None:
    page = open_page(automatic="false")
    page.file_uploader[0].set_value(portraits).run()

    def strip() -> list[str]:
        return [item["caption"] for item in component(page, "photo_strip")["items"]]

    assert strip() == ["Not analysed", "Not analysed"]
    press(page, "Detect faces")
    assert strip() == ["1 face", "Not analysed"]
    page.session_state["photo-selected"] = list(page.session_state["photo-analyses"])[1]
    page.run()
    assert page.subheader[0].value == "Not analysed"
    page.session_state["photo-analyses"].clear()
    page.run()
    press(page, "Detect faces in 2 photos")
    assert strip() == ["1 face", "1 face"]


def test_changed_settings_wait_for_the_button(portraits: list[tuple[str, bytes, str]]) -> None:
    page = open_page(automatic="false")
    page.file_uploader[0].set_value(portraits[:1]).run()
    press(page, "Detect faces")
    page.slider[0].set_value(0.95).run()
    assert "Settings changed" in texts(page)
    assert page.subheader[0].value == "1 face"
    press(page, "Detect faces")
    assert "Settings changed" not in texts(page)
    assert selected_analysis(page).settings is not None


def test_a_busy_server_says_so_and_the_button_stays(
    portraits: list[tuple[str, bytes, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(automatic="false")
    page.file_uploader[0].set_value(portraits[:1]).run()
    analyse = analyses.analyse

    def busy(_load: object, _photo: object, settings: AnalysisSettings) -> PhotoAnalysis:
        return PhotoAnalysis(settings=settings, error="The server is busy.", busy=True)

    monkeypatch.setattr(analyses, "analyse", busy)
    press(page, "Detect faces")
    assert "The server is busy." in texts(page)
    monkeypatch.setattr(analyses, "analyse", analyse)
    press(page, "Detect faces")
    assert page.subheader[0].value == "1 face"


def test_invalid_files_are_refused_without_a_button(tmp_path: Path) -> None:
    page = open_page(automatic="false")
    page.file_uploader[0].set_value(("letter.png", b"Dear reader", "image/png")).run()
    assert "letter.png: Unsupported file" in texts(page)
    assert "Detect faces" not in labels(page)
