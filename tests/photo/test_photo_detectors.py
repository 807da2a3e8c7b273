"""Choice and comparison of detectors on the Photos page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS, create_detector
from realtime.detect.registry import DEFAULT_MEMBERS
from realtime.engine.acceptance import min_photo_score
from realtime.results.detectors import DETECTION
from realtime.ui.detector_choice import speed_note
from tests.detect.test_registry import without
from tests.photo.test_photo_page import page, selected_analysis, settings_of, two_faces, upload

__all__ = ["page", "two_faces"]  # fixtures


def detector_of(page: AppTest) -> Selectbox:
    return next(box for box in page.selectbox if box.label == "Detector")


def threshold_of(page: AppTest) -> float:
    return float(next(s for s in page.slider if s.label == "Detection threshold").value)


@pytest.mark.parametrize("name", DETECTORS)
def test_every_detector_is_listed_and_works(page: AppTest, two_faces: bytes, name: str) -> None:
    # Import TensorFlow before the page does: it may take longer than the page's time limit.
    create_detector(name)
    upload(page, "group.png", two_faces)
    assert detector_of(page).options == [
        "Ensemble" if key == "ensemble" else entry.name for key, entry in DETECTORS.items()
    ]
    detector_of(page).set_value(name).run()
    assert threshold_of(page) == pytest.approx(min_photo_score(AnalysisSettings(detector=name)))
    assert any(DETECTORS[name].strength in caption.value for caption in page.caption)
    assert not page.error
    assert page.subheader[0].value == "2 faces"


def test_mtcnn_thresholds(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("mtcnn").run()
    assert "Refinement threshold" in [s.label for s in page.slider]
    next(s for s in page.slider if s.label == "Refinement threshold").set_value(0.5).run()
    assert settings_of(page).detector == "mtcnn:0.6/0.5"
    page.run()
    assert settings_of(page).detector == "mtcnn:0.6/0.5"


def test_ensemble_members(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("ensemble").run()
    assert page.multiselect[0].value == list(DEFAULT_MEMBERS)
    page.multiselect[0].set_value(["blazeface-full", "haar"]).run()
    settings = settings_of(page)
    assert settings.detector == "ensemble:blazeface-full+haar"
    assert threshold_of(page) == pytest.approx(min_photo_score(settings))
    assert page.subheader[0].value == "2 faces"
    page.multiselect[0].set_value(["haar"]).run()
    assert settings_of(page).detector == "ensemble"
    assert "at least two members" in "\n".join(c.value for c in page.caption)


def test_a_missing_package_is_explained(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    without("dlib", monkeypatch)
    upload(page, "group.png", two_faces)
    detector_of(page).set_value("hog").run()
    sentence = "dlib HOG is not installed: run pip install dlib-bin."
    assert [w.value for w in page.warning] == [sentence]
    assert [e.value for e in page.error] == [sentence]


def test_a_threshold_applies_to_its_detector_only(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    next(s for s in page.slider if s.label == "Detection threshold").set_value(0.8).run()
    assert settings_of(page).min_score == 0.8
    detector_of(page).set_value("haar").run()
    assert settings_of(page).min_score is None
    assert threshold_of(page) == pytest.approx(DETECTORS["haar"].min_score)


def test_detectors_are_compared(
    page: AppTest, two_faces: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    without("mtcnn", monkeypatch)
    upload(page, "group.png", two_faces)
    compared = next(m for m in page.multiselect if m.label == "Detectors")
    compared.set_value(["blazeface-full", "facestream", "hog", "mtcnn"]).run()
    names = [DETECTORS[name].name for name in compared.value]
    headings = [m.value for m in page.markdown]
    assert all(f"**{name}**" in headings for name in names)
    captions = [image.caption for e in page.get("image") for image in e.proto.imgs]
    assert len(captions) == 3
    assert all(c.startswith("2 faces · ") for c in captions)
    assert speed_note("hog") in [c.value for c in page.caption]
    assert [w.value for w in page.warning] == [DETECTORS["mtcnn"].missing]


def test_comparison_does_not_change_the_result(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    analysis = selected_analysis(page)
    next(m for m in page.multiselect if m.label == "Detectors").set_value(["haar"]).run()
    assert selected_analysis(page) is analysis
    assert "another detector" in "".join(c.value for c in page.caption)


@pytest.mark.parametrize("name", DETECTORS)
def test_only_slow_detectors_have_a_note_on_speed(name: str) -> None:
    sentence = speed_note(name)
    assert bool(sentence) == bool(DETECTORS[name].live_refusal)
    assert "page" not in sentence
    assert sentence == "" or sentence.endswith(".")


def test_speeds_are_those_of_the_stored_results() -> None:
    stored = {d.name: d.ms for d in DETECTION.read().detectors}
    assert stored["hog"] is not None
    assert f"{stored['hog']:.0f} ms per 640×480 frame" in speed_note("hog")
    assert "ms" not in speed_note("ensemble:hog+haar")  # not measured
