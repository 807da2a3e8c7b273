"""The live page's controls: which detectors are offered, and what is chosen is what is used."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from realtime.detect import DETECTORS, live_names
from realtime.settings import AnalysisSettings
from realtime.ui.detector_choice import why_not_live
from tests.detect.test_registry import without


def script() -> None:
    import streamlit as st

    from realtime.ui.controls import live_controls

    st.session_state["settings"] = live_controls()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script, default_timeout=30).run()


def test_only_fast_detectors_are_offered_and_the_others_explained(page: AppTest) -> None:
    box = page.selectbox[0]
    assert box.options == [DETECTORS[name].name for name in live_names()]
    assert not {"mtcnn", "haar", "hog", "ensemble"} & set(live_names())
    said = page.expander[0].markdown[0].value
    assert page.expander[0].label == "Why not the other detectors?"
    for name in set(DETECTORS) - set(live_names()):
        assert DETECTORS[name].not_live in said
    assert len(why_not_live()) == len(DETECTORS) - len(live_names())


def test_each_detector_has_its_own_certainty(page: AppTest) -> None:
    def certainty() -> float:
        return float(page.slider[0].value)

    usual = AnalysisSettings().detector
    assert certainty() == DETECTORS[usual].stream_min_score
    page.slider[0].set_value(0.7).run()
    page.selectbox[0].set_value("blazeface-short").run()
    assert certainty() == DETECTORS["blazeface-short"].stream_min_score
    analysis = page.session_state["settings"].analysis
    assert (analysis.detector, analysis.min_score) == ("blazeface-short", None)
    page.selectbox[0].set_value(usual).run()
    assert certainty() == 0.7
    assert page.session_state["settings"].analysis.min_score == 0.7


def test_a_fast_detector_without_its_package_is_explained(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = DETECTORS["blazeface-short"]
    monkeypatch.setitem(
        DETECTORS, "blazeface-short", type(pair)(pair.create, pair.title, 0.5, packages=("dlib",))
    )
    without("dlib", monkeypatch)
    assert "blazeface-short" not in live_names()
    assert "install it with pip install dlib-bin." in "\n".join(why_not_live())


def test_landmarks_and_measures_are_told_to_the_stream(page: AppTest) -> None:
    assert not page.exception
    told = page.session_state["settings"]
    assert told.analysis.landmarks == "mesh"
    assert not told.analysis.measures
    assert not told.draw.measures
    next(s for s in page.selectbox if s.label == "Landmarks").set_value("dlib68").run()
    next(t for t in page.toggle if t.label == "Head, eyes and mouth").set_value(True).run()
    told = page.session_state["settings"]
    assert told.analysis.landmarks == "dlib68"
    assert told.analysis.measures
    assert told.draw.measures
    assert told.analysis.mask  # the others are as they were
