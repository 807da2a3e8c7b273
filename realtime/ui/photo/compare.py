"""Comparison of several detectors on one photo."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.engine.networks import Networks
from realtime.ui.detector_choice import speed_note
from realtime.ui.photo.analysis import (
    Photo,
    PhotoAnalysis,
    analyse,
    annotated_preview_jpg,
    with_detector,
)

COLUMNS = 2
_ANALYSES = "photo-compared"


def photo_compare(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings, draw: DrawSettings
) -> None:
    """Show a selection of detectors, and the result and speed of each on the photo.

    Args:
        load: returns the networks.
        photo: the photo.
        settings: how to analyse it, apart from the detector.
        draw: what to draw on it.
    """
    st.subheader("Compare detectors")
    names = st.multiselect(
        "Detectors",
        list(DETECTORS),
        format_func=lambda name: DETECTORS[name].name,
        placeholder="Choose two or more",
        key="photo-compare",
        help="Each detector uses its default threshold, unless it is the one in the settings. "
        "It runs twice; the second run is timed.",
    )
    if not names:
        st.caption("Choose two or more detectors to compare their results on this photo.")
        return
    if len(names) == 1:
        st.caption("Choose another detector to compare it with.")
    for start in range(0, len(names), COLUMNS):
        columns = st.columns(COLUMNS, gap="medium")
        for column, name in zip(columns, names[start : start + COLUMNS], strict=False):
            with column:
                _result(load, photo, with_detector(settings, name), draw)


def _result(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings, draw: DrawSettings
) -> None:
    entry = detector_entry(settings.detector)
    st.markdown(f"**{entry.name}**")
    if entry.missing:
        st.warning(entry.missing)
        return
    analysis = _second_run(load, photo, settings)
    if analysis.error:
        st.error(analysis.error)
        return
    times = analysis.result.timings_ms
    st.image(
        annotated_preview_jpg(analysis, draw),
        caption=f"{analysis.face_count} · {times['detect']:.0f} ms detection · "
        f"{times['total']:.0f} ms including classification",
        width="stretch",
    )
    st.caption(speed_note(settings.detector) or f"{entry.strength}.")


def _second_run(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings
) -> PhotoAnalysis:
    """Analyse the photo twice: the first run includes loading and warming up the network."""
    cache: dict[tuple[str, AnalysisSettings], PhotoAnalysis]
    cache = st.session_state.setdefault(_ANALYSES, {})
    key = (photo.id, settings)
    if key not in cache:
        for other in [k for k in cache if k[0] != photo.id]:
            del cache[other]
        with st.spinner(f"Running {detector_entry(settings.detector).name}…"):
            first = analyse(load, photo, settings)
            cache[key] = first if first.error else analyse(load, photo, settings)
    return cache[key]
