"""The settings of the Photos page: they apply at once and are kept in the page's URL."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from realtime.attribute.registry import chosen, names
from realtime.engine.acceptance import min_photo_score
from realtime.landmark.registry import gaze_missing
from realtime.ui.attribute_controls import attribute_toggles
from realtime.ui.detector_choice import photo_detector
from realtime.ui.landmark_choice import GAZE, landmark_titles
from realtime.ui.photo.link import MAX_THRESHOLD, MIN_THRESHOLD, PhotoView, from_query, to_query

_VIEW = "photo-settings"  # not a widget's key: Streamlit drops those while another page is shown


def photo_controls() -> PhotoView:
    """Show the settings in three columns (one on a phone) and return them.

    A session starts with the settings in the URL and keeps the user's changes, also while another
    page is shown.
    """
    if _VIEW not in st.session_state:
        st.session_state[_VIEW] = from_query(st.query_params.to_dict())
    current: PhotoView = st.session_state[_VIEW]
    detection, landmarks, attributes = st.columns(3, gap="large")
    with detection:
        view = _detection(current)
    with landmarks:
        view = _landmarks(view)
    with attributes:
        view = _attributes(view)
    st.session_state[_VIEW] = view
    query = to_query(view)
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)
    return view


def _detection(view: PhotoView) -> PhotoView:
    detector = photo_detector(view.settings.detector)
    default = replace(view.settings, detector=detector, min_score=None)
    same_detector = detector == view.settings.detector
    min_score = st.slider(
        "Detection threshold",
        min_value=MIN_THRESHOLD,
        max_value=MAX_THRESHOLD,
        step=0.01,
        value=min_photo_score(view.settings if same_detector else default),
        help="Minimum confidence of a detection. Lower values find more faces, with more false "
        "detections. Photos and live video have different defaults, because a photo is searched "
        "several times. Doubtful faces are checked again, by the face mesh or a second detector.",
        key=f"photo-certainty-{detector}",
    )
    is_default = min_score == min_photo_score(default)
    settings = replace(default, min_score=None if is_default else round(min_score, 2))
    automatic = _toggle(
        "automatic", "Detect automatically", view.automatic,
        "Analyse photos as soon as they are added. Turn off to see the originals first and to "
        "press “Detect faces” for each.",
    )  # fmt: skip
    return replace(view, settings=settings, automatic=automatic)


def _landmarks(view: PhotoView) -> PhotoView:
    titles = landmark_titles()
    name = st.selectbox(
        "Landmarks",
        list(titles),
        index=list(titles).index(view.settings.landmarks),
        format_func=titles.__getitem__,
        help="The points of a face to draw and export. Measurements always use the mesh.",
        key="photo-landmarks",
    )
    draw_landmarks = _toggle(
        "drawn", "Draw landmarks", view.draw_landmarks, "The mesh as lines, dlib's points as dots."
    )
    measures = _toggle(
        "measures", "Head pose, eyes and mouth", view.settings.measures,
        "Head angles, and eye and mouth opening.",
    )  # fmt: skip
    gaze = _toggle("gaze", "Gaze", view.settings.gaze, GAZE, gaze_missing())
    settings = replace(view.settings, landmarks=name, measures=measures, gaze=gaze)
    return replace(view, settings=settings, draw_landmarks=draw_landmarks)


def _attributes(view: PhotoView) -> PhotoView:
    unsure = _toggle(
        "unsure", 'Show "unsure" for uncertain results', view.settings.unsure,
        "A label is unsure if the face is small, blurred or turned away, or the confidence is "
        "low. Turn off to always show the most likely label.",
    )  # fmt: skip
    attributes = attribute_toggles(_toggle, on=names(view.settings))
    st.caption("This page's link includes your settings.")
    settings = replace(view.settings, unsure=unsure, attributes=chosen(attributes))
    return replace(view, settings=settings)


def _toggle(name: str, label: str, value: bool, help_text: str, unavailable: str = "") -> bool:
    return st.toggle(
        label, value=value and not unavailable, key=f"photo-{name}",
        help=unavailable or help_text, disabled=bool(unavailable),
    )  # fmt: skip
