"""The Explore page: accuracy of the models, from stored benchmark results."""

from __future__ import annotations

import streamlit as st

import models
from realtime.results.classifiers import ACCURACY
from realtime.results.detectors import DETECTION
from realtime.results.stored import ResultsError
from realtime.ui.explore.detector_comparison import detector_comparison
from realtime.ui.explore.landmark_study import landmark_study
from realtime.ui.explore.model_card import MODEL_TITLES, model_card, model_title
from realtime.ui.style import page_style


def page() -> None:
    """Show the section that the visitor selects."""
    page_style()
    st.title("Explore")
    sections = {"Models": _models, "Detectors": _detectors, "Landmarks": landmark_study}
    section = st.segmented_control(
        "Section",
        list(sections),
        default="Models",
        required=True,
        key="show",
        bind="query-params",
        help="Model cards, a comparison of the face detectors, or landmark accuracy.",
    )
    sections[str(section)]()


def _models() -> None:
    available = models.names()
    names = [name for name in MODEL_TITLES if name in available]
    names += [name for name in available if name not in MODEL_TITLES]
    if not names:
        st.info("No models found. Train them with `python -m training`.")
        return
    name = st.selectbox(
        "Model",
        names,
        format_func=model_title,
        key="model",
        bind="query-params",
        help="All of them were trained with the commands in this repository.",
    )
    run = None
    try:
        run = ACCURACY.read()
    except ResultsError as error:
        st.info(f"{error} Until then, this page shows the results in the model card.")
    try:
        model_card(str(name), models.card(str(name)), run)
    except models.ModelError as error:
        st.error(str(error))
    st.caption(
        "BlazeFace and MediaPipe's mesh come with the mediapipe package, and MTCNN with the mtcnn "
        "package. They have no model card: see Detectors."
    )


def _detectors() -> None:
    try:
        detector_comparison(DETECTION.read())
    except ResultsError as error:
        st.info(str(error))


page()
