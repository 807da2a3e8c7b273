"""Several detectors on one photo, side by side."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.detect import DETECTORS, detector_entry
from realtime.engine.networks import Networks
from realtime.ui.detector_choice import speed_note
from realtime.ui.photo.state import Look, Photo, look, marked_jpg, with_detector

COLUMNS = 2
_LOOKS = "photo-compared"


def photo_compare(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings, draw: DrawSettings
) -> None:
    """Let detectors be chosen and show what each finds in the photo, and how soon."""
    st.subheader("Compare detectors")
    names = st.multiselect(
        "Detectors",
        list(DETECTORS),
        format_func=lambda name: DETECTORS[name].name,
        placeholder="Choose two or more",
        key="photo-compare",
        help="Each searches the photo above, with its own certainty of a face. Loading a detector "
        "is not counted: it searches twice, and the second time is told.",
    )
    if not names:
        st.caption("Choose two or more detectors to see what each finds in this photo.")
        return
    if len(names) == 1:
        st.caption("Choose another detector to compare it with.")
    for start in range(0, len(names), COLUMNS):
        columns = st.columns(COLUMNS, gap="medium")
        for column, name in zip(columns, names[start : start + COLUMNS], strict=False):
            with column:
                _one(load, photo, with_detector(settings, name), draw)


def _one(
    load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings, draw: DrawSettings
) -> None:
    entry = detector_entry(settings.detector)
    st.markdown(f"**{entry.name}**")
    if entry.missing:
        st.warning(entry.missing)
        return
    seen = _second_look(load, photo, settings)
    if seen.problem:
        st.error(seen.problem)
        return
    times = seen.result.timings_ms
    st.image(
        marked_jpg(seen, draw),
        caption=f"{seen.words}: searched in {times['detect']:.0f} ms, "
        f"{times['total']:.0f} ms with all that is told of them",
        width="stretch",
    )
    st.caption(speed_note(settings.detector) or f"{entry.strength}.")


def _second_look(load: Callable[[], Networks], photo: Photo, settings: AnalysisSettings) -> Look:
    """Loading a network, and its first run at this size, would be counted at the first look."""
    kept: dict[tuple[str, AnalysisSettings], Look] = st.session_state.setdefault(_LOOKS, {})
    key = (photo.id, settings)
    if key not in kept:
        for other in [k for k in kept if k[0] != photo.id]:
            del kept[other]
        with st.spinner(f"{detector_entry(settings.detector).name} searches…"):
            first = look(load, photo, settings)
            kept[key] = first if first.problem else look(load, photo, settings)
    return kept[key]
