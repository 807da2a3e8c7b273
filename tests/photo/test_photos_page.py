"""The Photos page with several photos: selection, downloads and comparison of detectors."""

from __future__ import annotations

from base64 import b64decode

import cv2
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from realtime.core.faces import Frame
from realtime.output.crops import encode
from realtime.ui.photo.uploads import MAX_PHOTOS
from tests.photo.test_photo_page import (
    cards_of,
    component,
    page,
    two_faces,
)

__all__ = ["page", "two_faces"]  # fixtures

GRAY = encode(np.full((60, 80, 3), 128, np.uint8), ".png")


@pytest.fixture
def one_face(hopper: Frame) -> bytes:
    return encode(np.asarray(cv2.resize(hopper, (256, 300)), np.uint8), ".png")


def upload_all(page: AppTest, **files: bytes) -> AppTest:
    """Upload these files, replacing all previous ones."""
    named = [(name.replace("_", "."), data, "image/png") for name, data in files.items()]
    return page.file_uploader[0].set_value(named).run()


def strip(page: AppTest) -> dict[str, str]:
    """The caption of each photo in the strip."""
    return {item["name"]: item["caption"] for item in component(page, "photo_strip")["items"]}


def select(page: AppTest, name: str) -> AppTest:
    items = component(page, "photo_strip")["items"]
    page.session_state["photo-selected"] = next(i["id"] for i in items if i["name"] == name)
    return page.run()


def downloads(page: AppTest) -> dict[str, bool]:
    """The labels of the download buttons, and whether they are enabled."""
    buttons = [b for b in page.button if str(b.key).startswith("photo-download-")]
    return {b.label: not b.disabled for b in buttons}


def test_empty_page_says_what_to_do(page: AppTest) -> None:
    assert "Upload photos or take a picture" in "".join(m.value for m in page.markdown)
    assert page.file_uploader[0].accept_multiple_files
    assert f"Up to {MAX_PHOTOS} photos of 10 MB" in page.file_uploader[0].help
    assert not page.get("bidi_component")


def test_all_photos_are_analysed_and_one_is_shown(
    page: AppTest, two_faces: bytes, one_face: bytes
) -> None:
    upload_all(page, two_png=two_faces, nobody_png=GRAY, one_png=one_face)
    assert strip(page) == {
        "two.png": "2 faces",
        "nobody.png": "No faces found",
        "one.png": "1 face",
    }
    assert page.subheader[0].value == "2 faces"
    select(page, "one.png")
    assert page.subheader[0].value == "1 face"
    assert any(c.value.startswith("one.png: 256 × 300 px") for c in page.caption)
    assert len(cards_of(page)) == 1


def test_no_strip_for_one_photo(page: AppTest, one_face: bytes) -> None:
    upload_all(page, one_png=one_face)
    assert "photo_strip" not in [e.proto.component_name for e in page.get("bidi_component")]


def test_invalid_files_are_reported_and_the_others_analysed(
    page: AppTest, two_faces: bytes, one_face: bytes
) -> None:
    upload_all(page, letter_png=b"Dear reader", two_png=two_faces, empty_png=b"", one_png=one_face)
    assert [e.value.partition(":")[0] for e in page.error] == ["letter.png", "empty.png"]
    assert strip(page) == {"two.png": "2 faces", "one.png": "1 face"}
    assert page.subheader[0].value == "2 faces"


def test_photos_beyond_the_limit_are_named(page: AppTest) -> None:
    upload_all(page, **{f"p{n}_png": GRAY for n in range(MAX_PHOTOS + 2)})
    assert len(strip(page)) == MAX_PHOTOS
    (warning,) = page.warning
    assert f"p{MAX_PHOTOS}.png, p{MAX_PHOTOS + 1}.png" in warning.value


def test_photos_with_the_same_name_get_a_number(page: AppTest, one_face: bytes) -> None:
    page.file_uploader[0].set_value([("a.png", GRAY, ""), ("a.png", one_face, "")]).run()
    assert strip(page) == {"a.png": "No faces found", "a-2.png": "1 face"}


def test_settings_apply_to_all_photos(page: AppTest, two_faces: bytes, one_face: bytes) -> None:
    upload_all(page, two_png=two_faces, one_png=one_face)
    assert not any("female" in card for card in cards_of(page))
    next(t for t in page.toggle if t.label == "Gender").set_value(True).run()
    assert all("female" in card for card in cards_of(page))
    analyses = page.session_state["photo-analyses"].values()
    assert ["gender" in a.result.faces.attributes for a in analyses] == [True, True]


def test_all_photos_can_be_removed(page: AppTest, two_faces: bytes) -> None:
    upload_all(page, two_png=two_faces, nobody_png=GRAY)
    next(b for b in page.button if b.label == "Remove all photos").click().run()
    assert not page.subheader
    assert not page.get("bidi_component")
    assert page.session_state["photo-analyses"] == {}
    upload_all(page, two_png=two_faces)
    assert page.subheader[0].value == "2 faces"


def test_camera_is_used_only_on_request(page: AppTest) -> None:
    assert not page.get("camera_input")
    next(t for t in page.toggle if t.label == "Use camera").set_value(True).run()
    assert len(page.get("camera_input")) == 1


def test_downloads_of_all_photos_or_of_one(page: AppTest, two_faces: bytes) -> None:
    upload_all(page, two_png=two_faces, nobody_png=GRAY)
    assert list(downloads(page)) == [
        "All faces", "Annotated photos", "Report", "CSV", "JSON", "COCO", "Label Studio",
    ]  # fmt: skip
    select(page, "nobody.png")
    assert downloads(page)["All faces"]
    page.segmented_control[0].set_value("This photo").run()
    assert downloads(page) == {
        "All faces": False,
        "Annotated photo": True,
        "Report": True,
        "CSV": True,
        "JSON": True,
        "COCO": True,
        "Label Studio": True,
    }


def click(page: AppTest, label: str) -> AppTest:
    return next(b for b in page.button if b.label == label).click().run()


def test_a_click_generates_a_file(page: AppTest, two_faces: bytes) -> None:
    upload_all(page, two_png=two_faces)
    assert component(page, "download")["id"] == ""
    click(page, "CSV")
    file = component(page, "download")
    assert (file["name"], file["mime"]) == ("two.csv", "text/csv")
    assert b64decode(file["base64"]).count(b"\n") == 3
    click(page, "JSON")
    assert component(page, "download")["name"] == "two.json"


def test_a_file_is_discarded_even_without_acknowledgement(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_all(page, two_png=two_faces)
    click(page, "CSV")
    page.run()
    assert component(page, "download")["id"]
    monkeypatch.setattr("realtime.ui.download.RETENTION_S", 0.0)
    page.run()
    assert component(page, "download")["id"] == ""


def test_a_large_file_gets_a_download_button(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("realtime.ui.download.MAX_BYTES", 1000)
    upload_all(page, two_png=two_faces)
    click(page, "JSON")
    assert component(page, "download")["id"] == ""
    (save,) = page.get("download_button")
    assert save.proto.label == "Save two.json (0 MB)"
    assert "photo-download-generated" in page.session_state
    click(page, "Remove photo")
    assert "photo-download-generated" not in page.session_state


def test_new_data_has_a_later_version(page: AppTest, two_faces: bytes) -> None:
    upload_all(page, two_png=two_faces, nobody_png=GRAY)
    before = component(page, "photo_strip")["since_ms"]
    page.run()
    assert component(page, "photo_strip")["since_ms"] == before
    select(page, "nobody.png")
    assert component(page, "photo_strip")["since_ms"] > before
