"""The faces of one photo as cards, each with its cut to download."""

from __future__ import annotations

from functools import partial

import streamlit as st

from realtime.output.photo_files import face_png, file_stems
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.photo.card import photo_card_html
from realtime.ui.photo.state import Look, Photo, analysed
from realtime.ui.photo.uploads import FACE_FILES

FIRST_FACES = 12
COLUMNS = 3


def photo_faces(photo: Photo, seen: Look) -> None:
    """Show the faces from left to right; of a crowd the first, and all on request."""
    faces, shown = seen.result.faces, len(seen.result.faces)
    if shown > FIRST_FACES and not st.toggle(
        f"Show all {shown} faces", key="photo-all-faces", help="The first twelve are shown else."
    ):
        shown = FIRST_FACES
    kept = analysed(photo, seen)
    (stem,) = file_stems([kept])
    for start in range(0, shown, COLUMNS):
        columns = st.columns(COLUMNS)
        for i in range(start, min(start + COLUMNS, shown)):
            with columns[i - start].container(border=True):
                st.html(photo_card_html(faces, i, seen.cards_jpg[i]))
                png = NewFile(
                    f"Download face {i + 1}",
                    partial(face_png, kept, i),
                    f"{stem}-face{i + 1:02d}.png",
                    "image/png",
                    "This face with some room around it, in full resolution.",
                )
                file_button(FACE_FILES, png, wide=True)
    send_file(FACE_FILES)
