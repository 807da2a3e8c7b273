"""The live page's controls: offered detectors, and how controls become settings."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import ButtonGroup, Selectbox

from realtime.core.settings import AnalysisSettings, Hiding
from realtime.detect import DETECTORS, live_detector_names
from realtime.live.capture import Capture
from realtime.ui.detector_choice import live_refusals
from realtime.ui.live import pending_clicks
from tests.detect.test_registry import without


def script() -> None:
    import streamlit as st

    from realtime.ui.live.controls import live_controls

    st.session_state["settings"] = live_controls()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script, default_timeout=30).run()


def detector(page: AppTest) -> Selectbox[str]:
    return next(box for box in page.selectbox if box.label == "Detector")


def test_only_fast_detectors_are_offered_and_the_others_are_explained(page: AppTest) -> None:
    box = detector(page)
    assert box.options == [DETECTORS[name].name for name in live_detector_names()]
    assert not {"mtcnn", "haar", "hog", "ensemble"} & set(live_detector_names())
    text = page.expander[0].markdown[0].value
    assert page.expander[0].label == "Other detectors"
    for name in set(DETECTORS) - set(live_detector_names()):
        assert DETECTORS[name].live_refusal in text
    assert len(live_refusals()) == len(DETECTORS) - len(live_detector_names())


def test_each_detector_has_its_own_threshold(page: AppTest) -> None:
    def threshold() -> float:
        return float(page.slider[0].value)

    default = AnalysisSettings().detector
    assert threshold() == DETECTORS[default].stream_min_score
    page.slider[0].set_value(0.7).run()
    detector(page).set_value("blazeface-short").run()
    assert threshold() == DETECTORS["blazeface-short"].stream_min_score
    analysis = page.session_state["settings"].analysis
    assert (analysis.detector, analysis.min_score) == ("blazeface-short", None)
    detector(page).set_value(default).run()
    assert threshold() == 0.7
    assert page.session_state["settings"].analysis.min_score == 0.7


def test_a_fast_detector_without_its_package_is_explained(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = replace(DETECTORS["blazeface-short"], packages=("dlib",))
    monkeypatch.setitem(DETECTORS, "blazeface-short", entry)
    without("dlib", monkeypatch)
    assert "blazeface-short" not in live_detector_names()
    assert "run pip install dlib-bin." in "\n".join(live_refusals())


def test_landmarks_and_measures_reach_the_stream(page: AppTest) -> None:
    assert not page.exception
    settings = page.session_state["settings"]
    assert settings.analysis.landmarks == "mesh"
    assert not settings.analysis.measures
    assert not settings.draw.measures
    next(s for s in page.selectbox if s.label == "Landmarks").set_value("dlib68").run()
    next(t for t in page.toggle if t.label == "Head pose, eyes and mouth").set_value(True).run()
    settings = page.session_state["settings"]
    assert settings.analysis.landmarks == "dlib68"
    assert settings.analysis.measures
    assert settings.draw.measures
    assert settings.analysis.attributes == {"mask", "emotion"}  # the others are unchanged


def whole_script() -> None:
    import streamlit as st

    from realtime.ui.live.controls import live_controls, mask_alert_enabled, masks_coloured
    from realtime.ui.live.preset_choice import preset_choice

    hiding = preset_choice()
    shown = st.session_state.get("drawer", True)
    st.session_state["settings"] = live_controls(hiding, shown=shown)
    st.session_state["alert"] = mask_alert_enabled(), masks_coloured()


def group(page: AppTest, label: str) -> ButtonGroup[str]:
    return next(g for g in page.button_group if g.label == label)


def test_faces_can_be_blurred_or_pixelated() -> None:
    page = AppTest.from_function(whole_script, default_timeout=30).run()
    assert page.session_state["settings"].draw.hiding is None
    for option, hiding in (("Blur", Hiding.BLUR), ("Pixelate", Hiding.PIXELATE), ("Off", None)):
        group(page, "Hide faces").set_value(option).run()
        assert page.session_state["settings"].draw.hiding is hiding


@pytest.mark.parametrize("drawer", [True, False])
def test_a_preset_sets_the_controls_whether_they_are_shown_or_not(drawer: bool) -> None:
    page = AppTest.from_function(whole_script, default_timeout=30)
    page.session_state["drawer"] = drawer
    page.run()
    assert group(page, "Preset").value == "expressions"
    assert page.session_state["alert"] == (False, False)  # no alarm by default

    group(page, "Preset").set_value("mask_check").run()
    settings = page.session_state["settings"]
    assert settings.analysis.attributes == {"mask"}
    assert settings.draw.colour_by == "mask"
    assert page.session_state["alert"] == (True, True)

    group(page, "Preset").set_value("privacy").run()
    settings = page.session_state["settings"]
    assert settings.draw.hiding is Hiding.BLUR
    assert not settings.analysis.attributes
    assert page.session_state["alert"] == (False, False)

    group(page, "Preset").set_value("research").run()
    settings = page.session_state["settings"]
    assert (settings.analysis.measures, settings.analysis.gaze) == (True, True)
    assert (settings.draw.landmarks, settings.draw.stats) == (True, True)
    assert settings.draw.hiding is None


def test_a_preset_with_gaze_works_without_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.ui.live.controls.gaze_missing", lambda: "It is missing.")
    page = AppTest.from_function(whole_script, default_timeout=30).run()
    group(page, "Preset").set_value("research").run()
    assert not page.exception
    analysis = page.session_state["settings"].analysis
    assert (analysis.measures, analysis.gaze) == (True, False)
    gaze = next(toggle for toggle in page.toggle if toggle.label == "Gaze")
    assert (gaze.disabled, gaze.value, gaze.help) == (True, False, "It is missing.")
    assert group(page, "Preset").value == "research"


def test_values_survive_while_the_drawer_is_closed_and_a_change_ends_the_preset() -> None:
    page = AppTest.from_function(whole_script, default_timeout=30).run()
    next(t for t in page.toggle if t.label == "Boxes").set_value(False).run()
    page.session_state["drawer"] = False
    page.run()
    assert not page.toggle
    assert page.session_state["settings"].draw.boxes is False
    assert group(page, "Preset").value is None
    page.session_state["drawer"] = True
    page.run()
    assert next(t for t in page.toggle if t.label == "Boxes").value is False


def test_a_preset_chosen_while_the_drawer_is_closed_stays_when_it_opens() -> None:
    page = AppTest.from_function(whole_script, default_timeout=30)
    page.session_state["drawer"] = False
    page.run()
    group(page, "Preset").set_value("mask_check").run()
    page.session_state["drawer"] = True
    page.run()
    page.run()
    toggles = {toggle.label: toggle.value for toggle in page.toggle}
    assert (toggles["Boxes"], toggles["Masks"], toggles["Emotions"]) == (True, True, False)
    assert page.session_state["settings"].draw.colour_by == "mask"
    assert group(page, "Preset").value == "mask_check"


def test_a_browser_that_has_not_heard_of_the_end_of_a_preset_does_not_choose_it_again() -> None:
    page = AppTest.from_function(whole_script, default_timeout=30).run()
    shown = page._tree
    next(t for t in page.toggle if t.label == "Emotions").set_value(False).run()
    assert page.session_state["settings"].analysis.attributes == {"mask"}
    page._tree = shown  # the second run was interrupted: the browser still shows the first
    group(page, "Preset").set_value("expressions").run()
    assert page.session_state["settings"].analysis.attributes == {"mask"}


def test_a_browser_that_has_not_heard_of_the_first_values_shows_them_as_defaults() -> None:
    page = AppTest.from_function(whole_script, default_timeout=30).run()
    page.run()  # it interrupts the first: only what this one says reaches the browser
    sliders = {slider.label: slider.proto.default[0] for slider in page.slider}
    standard = AnalysisSettings()
    assert sliders["Maximum faces"] == standard.max_faces
    assert sliders["Detection threshold"] == DETECTORS[standard.detector].stream_min_score
    toggles = {toggle.label: toggle.proto.default for toggle in page.toggle}
    assert (toggles["Emotions"], toggles["Gender"]) == (True, False)


def source_script() -> None:
    import streamlit as st

    from realtime.ui.live.source import source_controls

    running = st.session_state.get("running", False)
    st.session_state["capture"] = source_controls(running=running)


def test_sound_is_fixed_while_streaming() -> None:
    page = AppTest.from_function(source_script, default_timeout=30).run()
    assert page.session_state["capture"] == Capture(sound=False)
    page.toggle[0].set_value(True).run()
    assert page.session_state["capture"] == Capture(sound=True)
    page.session_state["running"] = True
    page.run()
    assert page.session_state["capture"] == Capture(sound=True)
    assert page.toggle[0].disabled


def test_the_missing_mask_alert_is_off_by_default(page: AppTest) -> None:
    toggle = next(t for t in page.toggle if t.label == "Alert when someone has no mask")
    assert toggle.value is False


def persistent_script() -> None:
    import streamlit as st

    from realtime.ui.persistent_controls import PersistentControls

    controls = PersistentControls("page")
    st.session_state["before"] = controls.changed()
    key = controls.key("sample", False)
    controls.store("sample")
    st.session_state["stored"] = controls.changed()
    st.session_state[key] = True  # as after a click without a rerun
    st.session_state["after"] = controls.changed()


def test_a_change_without_a_rerun_is_detected() -> None:
    """Regression: Streamlit skipped reruns that coincided with the readout's timer."""
    page = AppTest.from_function(persistent_script, default_timeout=30).run()
    state = page.session_state
    assert (state["before"], state["stored"], state["after"]) == (False, False, True)


def pending_clicks_script() -> None:
    import streamlit as st

    from realtime.ui.live import pending_clicks

    action = pending_clicks.recorded(lambda: st.session_state.update(done=True))
    st.button("Press", on_click=action)
    st.session_state["due"] = pending_clicks.rerun_due()


def test_the_page_reruns_twice_after_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    """Regression: a discarded recording stayed on the page; see `pending_clicks`."""
    now_s = 100.0
    monkeypatch.setattr(pending_clicks, "time", SimpleNamespace(monotonic=lambda: now_s))
    page = AppTest.from_function(pending_clicks_script, default_timeout=30).run()
    state = page.session_state
    assert not state["due"]
    page.button[0].click().run()
    assert state["done"]
    due = []
    for now_s in (100.1, 100.5, 100.6, 101.3, 101.5, 102.5):  # noqa: B007
        page.run()
        due.append(state["due"])
    assert due == [False, True, False, False, True, False]


def stopped_stream_script() -> None:
    import streamlit as st

    from realtime.live.live_track import LiveTrack
    from realtime.live.webrtc import LiveStream
    from realtime.ui.live import pending_clicks
    from realtime.ui.live.readout import live_status

    running = st.toggle("running")
    live_status(LiveStream(LiveTrack(), running, False, None))
    st.session_state["pending"] = pending_clicks.pending()


def test_the_page_reruns_after_stop_too() -> None:
    """Regression: the choice of the camera could stay disabled after Stop."""
    page = AppTest.from_function(stopped_stream_script, default_timeout=30).run()
    pending = [page.session_state["pending"]]
    for value in (True, False):
        page.toggle[0].set_value(value).run()
        pending.append(page.session_state["pending"])
    assert not page.exception
    assert pending == [False, False, True]
