"""The Photos page: still pictures, all of their faces, and how detectors compare."""

from __future__ import annotations

import os
from collections.abc import Sequence

import streamlit as st

from realtime.core.settings import AnalysisSettings
from realtime.detect import detector_entry
from realtime.engine.networks import Networks
from realtime.ui.photo.compare import photo_compare
from realtime.ui.photo.controls import photo_controls
from realtime.ui.photo.downloads import photo_downloads
from realtime.ui.photo.faces import photo_faces
from realtime.ui.photo.link import PhotoView
from realtime.ui.photo.state import Look, Photo, analysed, caption, drawing, look, marked_jpg
from realtime.ui.photo.strip import photo_strip
from realtime.ui.photo.uploads import CHOSEN, remove_photos, take_photos, take_snapshot
from realtime.ui.photo.view import photo_view
from realtime.ui.style import page_style

WELCOME = """
#### Add photos, or take a picture

Every face is boxed and numbered from left to right: mask worn, missing or worn wrongly, one of
seven emotions, and on request landmarks, head pose, gaze and gender. Look closely, compare
detectors, and take faces and figures home as files.
"""


@st.cache_resource(show_spinner="Loading the networks…")
def load_networks() -> Networks:
    """One set of networks for all visitors of this page."""
    return Networks(threads=os.cpu_count() or 1)


def page() -> None:
    """Lay the page out: photos and settings, the one that is looked at, its faces."""
    page_style()
    st.title("Photos")
    give, beside = st.columns([3, 2], gap="large")
    with give:
        photos = take_photos()
        if not photos:
            st.markdown(WELCOME)
    with beside:
        take_snapshot()
        st.caption(
            "Photos stay in this server's memory while this page is open; they are neither stored "
            "nor sent elsewhere. An emotion is a guess from a picture and often wrong."
        )
    with st.expander("Settings", icon=":material/tune:"):
        view = photo_controls()
    told, strip, main = st.container(), st.container(), st.container()
    looks = _looks(photos)
    with main:
        photo = None
        for candidate in sorted(photos, key=lambda p: p.id != st.session_state.get(CHOSEN)):
            if not _look_at(candidate, looks, view.settings).lasting:
                photo = candidate
                break
    bad = [p for p in photos if p.id in looks and looks[p.id].lasting]
    for each in bad:
        told.error(f"{each.name}: {looks[each.id].problem}")
    if photo is None:
        return
    good = [p for p in photos if p not in bad]
    with strip:
        if len(good) > 1:
            photo_strip(good, looks, photo)
    with main:
        _photo(photo, good, looks, view)
    with strip:
        _look_at_next(good, looks, view)


def _photo(photo: Photo, photos: Sequence[Photo], looks: dict[str, Look], view: PhotoView) -> None:
    """All about one photo."""
    seen = looks[photo.id]
    if seen.problem:
        st.error(seen.problem)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(seen.words)
        st.button(
            "Remove all photos" if len(photos) > 1 else "Remove the photo",
            on_click=remove_photos,
            icon=":material/delete:",
            type="tertiary",
            help="Forget every photo of this visit and what was found.",
        )
    st.caption(caption(photo, seen))
    if not len(seen.result.faces):
        st.write("Lower “Certainty of a face”, or try a picture in which faces are larger.")
    draw = drawing(view.settings, landmarks=view.drawn)
    photo_view(seen.shown_jpg, marked_jpg(seen, draw), seen.result.size_wh)
    ready = [p for p in photos if _done(looks, p, view.settings) and not looks[p.id].problem]
    photo_downloads(analysed(photo, seen), [analysed(p, looks[p.id]) for p in ready], draw)
    photo_faces(photo, seen)
    photo_compare(load_networks, photo, view.settings, draw)


def _looks(photos: Sequence[Photo]) -> dict[str, Look]:
    """The newest look at each photo; those at photos that were removed are forgotten."""
    kept: dict[str, Look] = st.session_state.setdefault("photo-looks", {})
    for gone in kept.keys() - {photo.id for photo in photos}:
        del kept[gone]
    return kept


def _done(looks: dict[str, Look], photo: Photo, settings: AnalysisSettings) -> bool:
    return photo.id in looks and looks[photo.id].holds_for(settings)


def _look_at(photo: Photo, looks: dict[str, Look], settings: AnalysisSettings) -> Look:
    """The photo's look with these settings, taken now if there is none yet."""
    if not _done(looks, photo, settings):
        words = detector_entry(settings.detector).name
        with st.spinner(f"{words} looks for faces; its first time takes longer, for it is loaded…"):
            looks[photo.id] = look(load_networks, photo, settings)
    return looks[photo.id]


def _look_at_next(photos: Sequence[Photo], looks: dict[str, Look], view: PhotoView) -> None:
    """Look at one more photo, if one waits; the page is there meanwhile, and shows each count."""
    waiting = [p for p in photos if not _done(looks, p, view.settings)]
    if waiting:
        done = len(photos) - len(waiting)
        with st.spinner(f"{done} of {len(photos)} photos are searched…"):
            _look_at(waiting[0], looks, view.settings)
        st.rerun()


page()
