"""The Photos page: all faces of still pictures, and a comparison of detectors."""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from realtime.engine.networks import Networks
from realtime.ui.photo.analyses import Analyses
from realtime.ui.photo.analysis import (
    Photo,
    annotated_preview_jpg,
    draw_settings,
    photo_caption,
    to_analysed_photo,
)
from realtime.ui.photo.compare import photo_compare
from realtime.ui.photo.controls import photo_controls
from realtime.ui.photo.downloads import photo_downloads
from realtime.ui.photo.faces import photo_faces
from realtime.ui.photo.link import PhotoView
from realtime.ui.photo.original import detect_buttons, original
from realtime.ui.photo.strip import photo_strip
from realtime.ui.photo.uploads import (
    SELECTED,
    add_samples,
    adding,
    camera_input,
    photo_uploads,
    remove_photos,
)
from realtime.ui.photo.view import photo_view
from realtime.ui.style import page_style

WELCOME = """
#### See masks and expressions in your photos

Upload photos or take a picture. Landmarks, head pose, gaze and gender are optional. Zoom in,
compare detectors, download faces and data.
"""
PRIVACY = (
    "Photos stay in this server's memory while this page is open. They are not stored or sent "
    "elsewhere. Emotions are estimates and often wrong."
)
DETECTING = "Detecting faces (the first run loads the model)…"


@st.cache_resource(show_spinner="Loading models…")
def load_networks() -> Networks:
    """The networks, shared by all sessions of this page."""
    return Networks(threads=os.cpu_count() or 1)


def page() -> None:
    """Show the uploads, the settings, and the results of the selected photo."""
    page_style()
    st.title("Photos")
    intro = st.container()
    with st.expander("Add photos", icon=":material/add_photo_alternate:", expanded=adding()):
        uploads, camera = st.columns([3, 2], gap="large")
        with uploads:
            photos = photo_uploads()
        with camera:
            camera_input()
            st.caption(PRIVACY)
    if not photos:
        with intro:
            st.markdown(WELCOME)
            st.button(
                "Try sample photos",
                type="primary",
                icon=":material/photo_library:",
                on_click=add_samples,
                help="Two portraits in the public domain, one of them also with a painted mask.",
            )
    with st.expander("Settings", icon=":material/tune:"):
        view = photo_controls()
    errors, strip, main = st.container(), st.container(), st.container()
    analyses = Analyses(load_networks, photos, view.settings, automatic=view.automatic)
    with main:
        selected = None
        for candidate in sorted(photos, key=lambda p: p.id != st.session_state.get(SELECTED)):
            if not analyses.run(candidate, DETECTING).invalid_photo:
                selected = candidate
                break
    invalid = [p for p in photos if p.id in analyses.by_id and analyses[p].invalid_photo]
    for photo in invalid:
        errors.error(f"{photo.name}: {analyses[photo].error}")
    if selected is None:
        if photos:
            _remove_button(photos)
        return
    valid = [p for p in photos if p not in invalid]
    with strip:
        if len(valid) > 1:
            photo_strip(valid, analyses.by_id, selected)
    with main:
        _photo(selected, valid, analyses, view)
    with strip:
        _analyse_next(valid, analyses)


def _photo(photo: Photo, photos: Sequence[Photo], analyses: Analyses, view: PhotoView) -> None:
    """Show one photo, and everything about it that is known."""
    analysis = analyses[photo]
    if analysis.error:
        st.error(analysis.error)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(analysis.face_count)
            _remove_button(photos)
    if not analyses.current(photo) and not analyses.waiting(photo):
        detect_buttons(photo, photos, analyses)
    if analysis.error:
        return
    if analysis.settings is None:
        original(photo, analysis)
    else:
        _results(photo, photos, analyses, view)


def _remove_button(photos: Sequence[Photo]) -> None:
    st.button(
        "Remove all photos" if len(photos) > 1 else "Remove photo",
        on_click=remove_photos,
        icon=":material/delete:",
        type="tertiary",
        help="Delete all photos and results of this session.",
    )


def _results(photo: Photo, photos: Sequence[Photo], analyses: Analyses, view: PhotoView) -> None:
    """Show the faces of one photo."""
    analysis = analyses[photo]
    st.caption(photo_caption(photo, analysis))
    if not len(analysis.result.faces):
        st.write("Lower “Detection threshold” in the settings, or use a photo with larger faces.")
    draw = draw_settings(view.settings, landmarks=view.draw_landmarks)
    annotated_jpg = annotated_preview_jpg(analysis, draw)
    result = analysis.result
    photo_view(analysis.preview_jpg, annotated_jpg, result.size_wh, result.faces)
    ready = [p for p in photos if analyses.current(p) and not analyses[p].error] or [photo]
    photo_downloads(
        to_analysed_photo(photo, analysis),
        [to_analysed_photo(p, analyses[p]) for p in ready],
        draw,
    )
    photo_faces(photo, analysis)
    photo_compare(load_networks, photo, view.settings, draw)


def _analyse_next(photos: Sequence[Photo], analyses: Analyses) -> None:
    """Analyse or open one more photo, then rerun, so that results appear one by one."""
    waiting = [p for p in photos if analyses.waiting(p)]
    unopened = [p for p in photos if p.id not in analyses.by_id]
    if waiting:
        number = len(photos) - len(waiting) + 1
        analyses.run(waiting[0], f"Analysing photo {number} of {len(photos)}…")
        st.rerun()
    if unopened:
        with st.spinner("Opening photos…"):
            analyses[unopened[0]]
        st.rerun()


page()
