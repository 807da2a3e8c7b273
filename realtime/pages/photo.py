"""The photo page: one still picture, all of its faces."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from pathlib import PurePath
from typing import Any

import streamlit as st

import models
from realtime.detect import DetectorMissingError, detector_entry
from realtime.landmark.registry import LANDMARKERS
from realtime.networks import Networks
from realtime.photo import MAX_FACES
from realtime.picture import MAX_UPLOAD_BYTES
from realtime.settings import AnalysisSettings
from realtime.ui.detector_choice import photo_detector
from realtime.ui.photo_card import photo_card_html
from realtime.ui.photo_state import ODD, Analysis, Upload, analyse, open_upload
from realtime.ui.style import page_style

FIRST_FACES = 12
COLUMNS = 3
WIDE = 1.8  # wider pictures go one above the other, or their labels could not be read


@st.cache_resource(show_spinner="Loading the networks…")
def load_networks() -> Networks:
    """One set of networks for all visitors of this page."""
    return Networks(threads=os.cpu_count() or 1)


def page() -> None:
    """Lay the page out: upload and settings, the two pictures, the faces."""
    page_style()
    st.title("Photo")
    give, choose = st.columns([3, 2], gap="large")
    with give:
        _uploader()
        begin = st.container()
    with choose:
        settings = _settings()
    upload: Upload | None = st.session_state.get("photo-upload")
    if upload is None:
        return
    if upload.problem:
        st.error(f"{upload.name}: {upload.problem}")
        return
    if begin.button("Detect faces", type="primary", icon=":material/search:"):
        with begin:
            _detect(upload, settings)
    analysis: Analysis | None = st.session_state.get("photo-analysis")
    width, height = upload.size_wh
    side_by_side = width < WIDE * height
    before, after = (
        st.columns(2, gap="medium") if side_by_side else (st.container(), st.container())
    )
    before.image(upload.shown_jpg, caption=upload.caption, width="stretch")
    if analysis is None:
        return
    took = f"The faces, numbered from left to right; found in {analysis.total_ms:.0f} ms"
    after.image(analysis.annotated_jpg, caption=took, width="stretch")
    count = len(analysis.faces)
    st.subheader("No face found" if count == 0 else "1 face" if count == 1 else f"{count} faces")
    if analysis.settings != settings:
        st.info("The settings have changed since: press “Detect faces” again to use them.")
    if count == 0:
        st.write("Lower “Certainty of a face”, or try a picture in which faces are larger.")
    _faces(upload, analysis)


def _uploader() -> None:
    st.file_uploader(
        "A picture with faces",
        type=["jpg", "jpeg", "png", "webp"],
        key="photo-file",
        on_change=_take_upload,
        max_upload_size=MAX_UPLOAD_BYTES // 1024**2,
        help="Up to 40 megapixels.",
    )
    st.caption(
        "The picture stays in this server's memory while this page is open; it is neither stored "
        "nor sent elsewhere. An emotion is a guess from a picture and often wrong."
    )


def _take_upload() -> None:
    """Keep the new file, for Streamlit forgets it while another page is shown."""
    st.session_state.pop("photo-analysis", None)
    st.session_state.pop("photo-upload", None)
    file = st.session_state["photo-file"]
    if file is not None:
        st.session_state["photo-upload"] = open_upload(file.name, file.getvalue())


def _settings() -> AnalysisSettings:
    """The controls; their values are kept while another page is shown."""
    kept = st.session_state.get("photo-settings", AnalysisSettings(max_faces=MAX_FACES))
    detector = photo_detector(kept.detector)
    same = detector == kept.detector
    usual = AnalysisSettings(detector)
    min_score = st.slider(
        "Certainty of a face",
        min_value=0.05,
        max_value=0.95,
        step=0.01,
        value=kept.least_photo_score if same else usual.least_photo_score,
        help="How sure the detector must be. Lower finds more faces and more mistakes.",
    )
    unsure = st.toggle(
        "Say when unsure",
        value=kept.unsure,
        help="Faces that are small, blurred, turned away or hard to tell are called unsure. "
        "Off: the best guess is always shown.",
    )
    gender = st.toggle(
        "Gender",
        value=kept.gender,
        help="Guess male or female, as the training pictures were labelled: not a person's "
        "identity.",
    )
    chosen = None if min_score == usual.least_photo_score else min_score
    settings = AnalysisSettings(detector, chosen, MAX_FACES, unsure=unsure, gender=gender)
    settings = replace(settings, **_points(kept))
    st.session_state["photo-settings"] = settings
    return settings


def _points(kept: AnalysisSettings) -> dict[str, Any]:
    """Which landmarks are found, and whether they are measured; whether drawn is kept beside."""
    name = st.selectbox(
        "Landmarks",
        list(LANDMARKERS),
        index=list(LANDMARKERS).index(kept.landmarks),
        format_func=lambda key: LANDMARKERS[key].title,
        help="Which points of a face are drawn and measured.",
    )
    drawn = st.toggle(
        "Draw landmarks",
        value=st.session_state.get("photo-points", False),
        help="The mesh's points as lines, dlib's as dots.",
    )
    st.session_state["photo-points"] = drawn
    measures = st.toggle(
        "Head, eyes and mouth",
        value=kept.measures,
        help="How the head is turned, and how far eyes and mouth are open.",
    )
    gaze = st.toggle(
        "Gaze", value=kept.gaze, help="Where the eyes look, relative to the head, from the irises."
    )
    return {"landmarks": name, "measures": measures, "gaze": gaze}


def _detect(upload: Upload, settings: AnalysisSettings) -> None:
    st.session_state.pop("photo-analysis", None)
    try:
        networks, entry = load_networks(), detector_entry(settings.detector)
        with st.spinner(f"Loading {entry.name}, which can take some seconds the first time…"):
            networks.detector(settings.detector)
        with st.spinner("Looking for faces…"):
            drawn = bool(st.session_state.get("photo-points", False))
            analysis = analyse(networks, upload, settings, landmarks=drawn)
            st.session_state["photo-analysis"] = analysis
    except (DetectorMissingError, models.ModelError) as error:
        st.error(str(error))
    except Exception:
        logging.getLogger(__name__).exception("a photo could not be analysed")
        st.error(ODD)


def _faces(upload: Upload, analysis: Analysis) -> None:
    """A card for each face, with its crop to download."""
    stem, shown = PurePath(upload.name).stem, len(analysis.faces)
    if shown > FIRST_FACES and not st.toggle(f"Show all {shown} faces"):
        shown = FIRST_FACES
    for start in range(0, shown, COLUMNS):
        columns = st.columns(COLUMNS)
        for i in range(start, min(start + COLUMNS, shown)):
            with columns[i - start].container(border=True):
                st.html(photo_card_html(analysis.faces, i, analysis.cards_jpg[i]))
                st.download_button(
                    "Download face",
                    analysis.crops_png[i],
                    file_name=f"{stem}-face{i + 1:02d}.png",
                    mime="image/png",
                    key=f"photo-crop-{i}",
                    on_click="ignore",
                    icon=":material/download:",
                    width="stretch",
                )


page()
