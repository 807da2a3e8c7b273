"""The explore page: what the models are worth, from the figures that the repository keeps."""

from __future__ import annotations

import streamlit as st

import models
from realtime.results.classifiers import ACCURACY
from realtime.results.detectors import DETECTION
from realtime.results.stored import ResultsError
from realtime.ui.explore.detector_comparison import detector_comparison
from realtime.ui.explore.landmark_study import landmark_study
from realtime.ui.explore.model_card import TITLES, model_card, title
from realtime.ui.style import page_style


def page() -> None:
    """Lay the page out: what to look at, then that."""
    page_style()
    st.title("Explore")
    parts = {"Models": _models, "Detectors": _detectors, "Landmarks": landmark_study}
    part = st.segmented_control(
        "What to look at",
        list(parts),
        default="Models",
        required=True,
        key="show",
        bind="query-params",
        help="One model's card, all face detectors beside each other, or the study of landmarks.",
    )
    parts[str(part)]()


def _models() -> None:
    found = models.names()
    names = [name for name in TITLES if name in found]
    names += [name for name in found if name not in TITLES]
    if not names:
        st.info("There is no model yet: `python -m training` makes them.")
        return
    name = st.segmented_control(
        "Model",
        names,
        format_func=title,
        default=names[0],
        required=True,
        key="model",
        bind="query-params",
        help="Each was trained by this repository's own commands.",
    )
    run = None
    try:
        run = ACCURACY.read()
    except ResultsError as error:
        st.info(f"{error} Until then the card's own figures are shown.")
    try:
        model_card(str(name), models.card(str(name)), run)
    except models.ModelError as error:
        st.error(str(error))
    st.caption(
        "BlazeFace and the face mesh, which come from the mediapipe package, and MTCNN, which "
        "comes from the mtcnn package, have no card here: see Detectors."
    )


def _detectors() -> None:
    try:
        detector_comparison(DETECTION.read())
    except ResultsError as error:
        st.info(str(error))


page()
