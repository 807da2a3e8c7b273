"""The faces of one photo as cards, each with a crop to download."""

from __future__ import annotations

from functools import partial

import streamlit as st

from realtime.output.photo_files import face_png, file_stems
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.photo.analysis import Photo, PhotoAnalysis, to_analysed_photo
from realtime.ui.photo.card import photo_card_html
from realtime.ui.photo.uploads import FACE_FILES

MAX_INITIAL_FACES = 12
COLUMNS = 3


def photo_faces(photo: Photo, analysis: PhotoAnalysis) -> None:
    """Show the faces from left to right; of a crowd only the first ones, unless all are wanted."""
    faces, shown = analysis.result.faces, len(analysis.result.faces)
    if shown > MAX_INITIAL_FACES and not st.toggle(
        f"Show all {shown} faces",
        key="photo-all-faces",
        help=f"Otherwise only the first {MAX_INITIAL_FACES} are shown.",
    ):
        shown = MAX_INITIAL_FACES
    analysed = to_analysed_photo(photo, analysis)
    (stem,) = file_stems([analysed])
    for start in range(0, shown, COLUMNS):
        columns = st.columns(COLUMNS)
        for i in range(start, min(start + COLUMNS, shown)):
            with columns[i - start].container(border=True):
                st.html(photo_card_html(faces, i, analysis.crops_jpg[i]))
                png = NewFile(
                    f"Download face {i + 1}",
                    partial(face_png, analysed, i),
                    f"{stem}-face{i + 1:02d}.png",
                    "image/png",
                    "This face with a margin, at full resolution.",
                )
                file_button(FACE_FILES, png, wide=True)
    send_file(FACE_FILES)
