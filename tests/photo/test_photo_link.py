"""Links restore the page's settings, and invalid links do not break the page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from realtime.attribute.registry import ATTRIBUTES, chosen, default_names
from realtime.core.settings import AnalysisSettings
from realtime.detect import DETECTORS
from realtime.engine.acceptance import min_photo_score
from realtime.engine.photo import MAX_FACES
from realtime.landmark.registry import LANDMARKERS
from realtime.ui.photo.link import PhotoView, from_query, to_query
from tests.photo.test_photo_page import PAGE, settings_of

MEMBERS = [name for name in DETECTORS if name != "ensemble"]
HUNDREDTHS = st.integers(30, 95).map(lambda n: n / 100)
DETECTOR_NAMES = st.one_of(
    st.sampled_from(list(DETECTORS)),
    st.tuples(HUNDREDTHS, HUNDREDTHS)
    .filter(lambda pair: pair != (0.6, 0.7))
    .map(lambda pair: f"mtcnn:{pair[0]:g}/{pair[1]:g}"),
    st.permutations(MEMBERS).map(lambda names: f"ensemble:{'+'.join(names[:2])}"),
)


@st.composite
def views(draw: st.DrawFn) -> PhotoView:
    switches = {name: draw(st.booleans()) for name in ("unsure", "measures", "gaze")}
    attributes = draw(st.frozensets(st.sampled_from(list(ATTRIBUTES))))
    settings = AnalysisSettings(
        detector=draw(DETECTOR_NAMES),
        max_faces=MAX_FACES,
        landmarks=draw(st.sampled_from(list(LANDMARKERS))),
        unsure=switches["unsure"],
        attributes=chosen(attributes),
        measures=switches["measures"],
        gaze=switches["gaze"],
    )
    score = draw(st.none() | st.integers(5, 95).map(lambda n: n / 100))
    if score != min_photo_score(settings):
        settings = replace(settings, min_score=score)
    return PhotoView(
        settings=settings, draw_landmarks=draw(st.booleans()), automatic=draw(st.booleans())
    )


@given(views())
def test_views_survive_a_round_trip_through_the_link(view: PhotoView) -> None:
    assert from_query(to_query(view)) == view


PARAMETERS = [
    *("detector", "certainty", "unsure", "landmarks", "drawn", "measures", "gaze", "automatic"),
    *ATTRIBUTES,
]
BASES = st.sampled_from(["mtcnn:", "ensemble:", "blazeface-full:", "haar", "0.5", "true", ""])


@given(
    st.dictionaries(
        st.sampled_from(PARAMETERS) | st.text(),
        st.text() | st.tuples(BASES, st.text()).map("".join) | st.floats().map(str),
    )
)
def test_any_link_gives_a_valid_view(query: dict[str, str]) -> None:
    view = from_query(query)
    assert from_query(to_query(view)) == view
    assert set(to_query(view)) <= set(query)


def test_link_contains_only_what_differs_from_the_defaults() -> None:
    assert to_query(PhotoView()) == {}
    settings = AnalysisSettings(
        detector="haar",
        min_score=0.3,
        max_faces=MAX_FACES,
        attributes=frozenset({"mask", "gender"}),
        unsure=False,
    )
    view = PhotoView(settings=settings, draw_landmarks=True)
    assert to_query(view) == {
        "detector": "haar",
        "certainty": "0.3",
        "unsure": "false",
        "emotion": "false",
        "gender": "true",
        "drawn": "true",
    }


@pytest.mark.parametrize(
    "query",
    [
        {"detector": "no such thing"},
        {"detector": "mtcnn:0.1/0.7"},  # below the slider's range
        {"detector": "mtcnn:nan/0.7"},
        {"detector": "mtcnn:0.5"},
        {"detector": "ensemble:haar"},
        {"detector": "ensemble:haar+haar"},
        {"detector": "ensemble:haar+mtcnn:0.5/0.6"},  # the page has no thresholds for members
        {"certainty": "2"},
        {"certainty": "nan"},
        {"certainty": "high"},
        {"mask": "no", "emotion": "0", "age": "true"},
        {"gender": "yes", "landmarks": "all of them", "measures": "1", "something": "else"},
    ],
)
def test_invalid_values_fall_back_to_defaults(query: dict[str, str]) -> None:
    assert from_query(query) == PhotoView()


def test_default_attributes_can_be_switched_off() -> None:
    settings = from_query({"mask": "false", "emotion": "false"}).settings
    assert settings.attributes == frozenset()
    on = {name: "true" for name in default_names()}
    assert from_query(on) == PhotoView()


def test_default_threshold_is_not_stored() -> None:
    assert from_query({"detector": "haar", "certainty": "0.11"}).settings.min_score is None


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=60)
    page.query_params.update(query)
    return page.run()


def query_of(page: AppTest) -> dict[str, str]:
    """The page's query parameters; Streamlit 1.60 gives each as a list."""
    return {n: v[0] if isinstance(v, list) else v for n, v in page.query_params.items()}


def value_of(page: AppTest, label: str) -> object:
    controls = [*page.selectbox, *page.slider, *page.toggle, *page.multiselect]
    return next(control.value for control in controls if control.label == label)


def test_a_link_sets_the_controls() -> None:
    query = {
        "detector": "mtcnn:0.5/0.65",
        "certainty": "0.7",
        "unsure": "false",
        "gender": "true",
        "landmarks": "dlib68",
        "drawn": "true",
        "measures": "true",
        "gaze": "true",
    }
    page = open_page(**query)
    assert not page.exception
    assert value_of(page, "Detector") == "mtcnn"
    assert value_of(page, "Proposal threshold") == 0.5
    assert value_of(page, "Refinement threshold") == 0.65
    assert value_of(page, "Detection threshold") == 0.7
    assert value_of(page, "Landmarks") == "dlib68"
    assert value_of(page, 'Show "unsure" for uncertain results') is False
    for label in ("Gender", "Draw landmarks", "Head pose, eyes and mouth", "Gaze"):
        assert value_of(page, label) is True
    assert query_of(page) == query


def test_changes_are_added_to_the_link_and_removed_again() -> None:
    page = open_page(detector="ensemble:blazeface-full+haar", gaze="of a swan")
    assert value_of(page, "Members") == ["blazeface-full", "haar"]
    assert query_of(page) == {"detector": "ensemble:blazeface-full+haar"}
    next(t for t in page.toggle if t.label == "Gender").set_value(True).run()
    assert query_of(page)["gender"] == "true"
    next(t for t in page.toggle if t.label == "Gender").set_value(False).run()
    next(s for s in page.selectbox if s.label == "Detector").set_value(
        AnalysisSettings().detector
    ).run()
    assert query_of(page) == {}
    assert settings_of(page) == AnalysisSettings(max_faces=MAX_FACES)
    assert not page.exception
