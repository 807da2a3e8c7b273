"""The Photos page's settings: each takes effect at once, and stands in the page's address."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from realtime.attribute.registry import chosen, names
from realtime.engine.acceptance import min_photo_score
from realtime.landmark.registry import LANDMARKERS
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.detector_choice import photo_detector
from realtime.ui.photo.link import (
    LEAST_CERTAINTY,
    MOST_CERTAINTY,
    PhotoView,
    from_query,
    to_query,
)

_KEPT = "photo-settings"  # not the component's key, which Streamlit resets


def photo_controls() -> PhotoView:
    """Show the controls in three columns (one on a phone) and read them.

    A visit begins with what the address says, and goes on with what was chosen, also after a look
    at another page.
    """
    if _KEPT not in st.session_state:
        st.session_state[_KEPT] = from_query(st.query_params.to_dict())
    kept: PhotoView = st.session_state[_KEPT]
    find, points, name = st.columns(3, gap="large")
    with find:
        view = _finding(kept)
    with points:
        view = _points(view, kept)
    with name:
        view = _naming(view, kept)
    st.session_state[_KEPT] = view
    query = to_query(view)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    return view


def _finding(kept: PhotoView) -> PhotoView:
    detector = photo_detector(kept.settings.detector)
    usual = replace(kept.settings, detector=detector, min_score=None)
    same = detector == kept.settings.detector
    min_score = st.slider(
        "Certainty of a face",
        min_value=LEAST_CERTAINTY,
        max_value=MOST_CERTAINTY,
        step=0.01,
        value=min_photo_score(kept.settings) if same else min_photo_score(usual),
        help="How sure the detector must be. Lower finds more faces and more mistakes.",
        key=f"photo-certainty-{detector}",
    )
    chosen = None if min_score == min_photo_score(usual) else round(min_score, 2)
    return replace(kept, settings=replace(usual, min_score=chosen))


def _points(view: PhotoView, kept: PhotoView) -> PhotoView:
    name = st.selectbox(
        "Landmarks",
        list(LANDMARKERS),
        index=list(LANDMARKERS).index(kept.settings.landmarks),
        format_func=lambda key: LANDMARKERS[key].name,
        help="Which points of a face are drawn and measured.",
        key="photo-landmarks",
    )
    drawn = _toggle(
        "drawn", "Draw landmarks", kept.drawn, "The mesh's points as lines, dlib's as dots."
    )
    measures = _toggle(
        "measures", "Head, eyes and mouth", kept.settings.measures,
        "How the head is turned, and how far eyes and mouth are open.",
    )  # fmt: skip
    gaze = _toggle(
        "gaze", "Gaze", kept.settings.gaze,
        "Where the eyes look, relative to the head, from the irises.",
    )  # fmt: skip
    settings = replace(view.settings, landmarks=name, measures=measures, gaze=gaze)
    return PhotoView(settings, drawn)


def _naming(view: PhotoView, kept: PhotoView) -> PhotoView:
    unsure = _toggle(
        "unsure", "Say when unsure", kept.settings.unsure,
        "Faces that are small, blurred, turned away or hard to tell are called unsure. "
        "Off: the best guess is always shown.",
    )  # fmt: skip
    attributes = attribute_toggles(_toggle, on=names(kept.settings))
    st.caption(
        "The settings stand in this page's address: a link to it opens the page set the same way. "
        "Photos are not part of it."
    )
    return replace(
        view, settings=replace(view.settings, unsure=unsure, attributes=chosen(attributes))
    )


def _toggle(name: str, label: str, kept: bool, help_text: str) -> bool:
    return bool(st.toggle(label, value=kept, key=f"photo-{name}", help=help_text))
