"""A photo that was not analysed yet, and the buttons that ask for it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from realtime.ui.photo.analyses import Analyses
from realtime.ui.photo.analysis import Photo, PhotoAnalysis, photo_caption

MAX_HEIGHT_PX = 560  # of the original: the button above it and its caption stay in view


def detect_buttons(photo: Photo, photos: Sequence[Photo], analyses: Analyses) -> None:
    """Show a button that detects the faces of this photo, and of all if several are waiting.

    Args:
        photo: the selected photo.
        photos: all photos.
        analyses: what there is of them.
    """
    if analyses[photo].settings is not None and not analyses[photo].error:
        st.info("Settings changed. Press “Detect faces” to apply them.")
    left = [p for p in photos if not analyses.current(p)]
    with st.container(horizontal=True):
        st.button(
            "Detect faces",
            type="primary",
            icon=":material/frame_person:",
            on_click=analyses.request,
            args=([photo],),
            key=f"photo-detect-{photo.id}",
        )
        if len(left) > 1:
            st.button(
                f"Detect faces in {len(left)} photos",
                on_click=analyses.request,
                args=(left,),
                key="photo-detect-all",
            )


def original(photo: Photo, analysis: PhotoAnalysis) -> None:
    """Show the original with its caption."""
    width, height = analysis.result.size_wh
    st.image(
        analysis.preview_jpg,
        caption=photo_caption(photo, analysis),
        width=max(1, min(width, round(MAX_HEIGHT_PX * width / height))),
    )
