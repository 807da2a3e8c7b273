"""The live page's controls: which detectors are offered, and what is chosen is what is used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from realtime.core.settings import AnalysisSettings, Hiding
from realtime.detect import DETECTORS, live_detector_names
from realtime.live.capture import Capture
from realtime.ui.detector_choice import live_refusals
from tests.detect.test_registry import without


def script() -> None:
    import streamlit as st

    from realtime.ui.live.controls import live_controls

    st.session_state["settings"] = live_controls()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script, default_timeout=30).run()


def test_only_fast_detectors_are_offered_and_the_others_explained(page: AppTest) -> None:
    box = page.selectbox[0]
    assert box.options == [DETECTORS[name].name for name in live_detector_names()]
    assert not {"mtcnn", "haar", "hog", "ensemble"} & set(live_detector_names())
    said = page.expander[0].markdown[0].value
    assert page.expander[0].label == "Other detectors"
    for name in set(DETECTORS) - set(live_detector_names()):
        assert DETECTORS[name].live_refusal in said
    assert len(live_refusals()) == len(DETECTORS) - len(live_detector_names())


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
    entry = replace(DETECTORS["blazeface-short"], packages=("dlib",))
    monkeypatch.setitem(DETECTORS, "blazeface-short", entry)
    without("dlib", monkeypatch)
    assert "blazeface-short" not in live_detector_names()
    assert "run pip install dlib-bin." in "\n".join(live_refusals())


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
    assert told.analysis.attributes == {"mask", "emotion"}  # the others are as they were


def test_faces_are_hidden_on_request_and_how(page: AppTest) -> None:
    assert page.session_state["settings"].draw.hiding is None
    for words, hiding in (("Blur", Hiding.BLUR), ("Pixelate", Hiding.PIXELATE), ("Off", None)):
        next(g for g in page.button_group if g.label == "Hide faces").set_value(words).run()
        assert page.session_state["settings"].draw.hiding is hiding


def capture_script() -> None:
    import streamlit as st

    from realtime.ui.live.capture_choice import capture_controls
    from realtime.ui.live.controls import live_controls

    st.session_state["settings"] = live_controls()
    running = st.session_state.get("running", False)
    st.session_state["capture"] = capture_controls(lambda facing: running)


def test_camera_and_sound_are_chosen_before_start_and_the_back_camera_is_not_mirrored() -> None:
    page = AppTest.from_function(capture_script, default_timeout=30).run()
    assert page.session_state["capture"] == Capture("user", sound=False)
    assert page.session_state["settings"].mirror
    next(g for g in page.button_group if g.label == "Camera").set_value("environment").run()
    sound = next(t for t in page.toggle if t.label == "Record sound")
    sound.set_value(True).run()
    assert page.session_state["capture"] == Capture("environment", sound=True)
    assert not page.session_state["settings"].mirror
    page.session_state["running"] = True
    page.run()
    assert page.session_state["capture"] == Capture("environment", sound=True)
    assert next(t for t in page.toggle if t.label == "Record sound").disabled
    next(g for g in page.button_group if g.label == "Camera").set_value("user").run()
    assert page.session_state["settings"].mirror


def test_the_warning_of_missing_masks_is_off_until_it_is_wanted(page: AppTest) -> None:
    toggle = next(t for t in page.toggle if t.label == "Warn of missing masks")
    assert toggle.value is False


def kept_script() -> None:
    import streamlit as st

    from realtime.ui.persistent_controls import PersistentControls

    kept = PersistentControls("page")
    st.session_state["before"] = kept.changed()
    key = kept.key("sample", False)
    kept.store("sample")
    st.session_state["in step"] = kept.changed()
    st.session_state[key] = True  # as by a press after which the page was not run
    st.session_state["after"] = kept.changed()


def test_a_change_that_the_page_was_not_run_for_is_noticed() -> None:
    """Found before: Streamlit lost runs of the page to the timer of the read-out."""
    page = AppTest.from_function(kept_script, default_timeout=30).run()
    state = page.session_state
    assert (state["before"], state["in step"], state["after"]) == (False, False, True)


def presses_script() -> None:
    import streamlit as st

    from realtime.ui.live import pending_clicks as presses

    st.session_state["forgotten"] = presses.forgotten()
    if not st.session_state.get("lost"):  # as when Streamlit does not run that part
        presses.shown("sample")
    st.button("Press", on_click=presses.noted("sample", lambda: st.session_state.update(did=True)))
    st.session_state["at the end"] = presses.forgotten()


def test_a_press_whose_part_was_not_run_is_noticed_until_it_is() -> None:
    page = AppTest.from_function(presses_script, default_timeout=30).run()
    page.session_state["lost"] = True
    page.button[0].click().run()
    assert page.session_state["did"]
    assert page.session_state["at the end"]
    page.session_state["lost"] = False
    page.run()
    assert page.session_state["forgotten"]
    assert not page.session_state["at the end"]
