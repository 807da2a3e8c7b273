"""What can be taken home from photos: made only when a button is pressed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import streamlit as st

from realtime.core.settings import DrawSettings
from realtime.output.photo_files import (
    AnalysedPhoto,
    annotated_jpg,
    annotated_zip,
    faces_csv,
    faces_json,
    faces_zip,
    file_stems,
)
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.photo.uploads import ALL_FILES

ONE, ALL = "This photo", "All photos"


def photo_downloads(
    photo: AnalysedPhoto, photos: Sequence[AnalysedPhoto], draw: DrawSettings
) -> None:
    """Buttons for the photo that is looked at or, where there are more, for all.

    Args:
        photo: the one that is looked at.
        photos: all of them.
        draw: what is drawn on annotated pictures.
    """
    chosen = [photo]
    if len(photos) > 1:
        scope = st.segmented_control(
            "Download",
            [ONE, ALL],
            default=ALL,
            required=True,
            key=f"{ALL_FILES}-scope",
            help="Whether the files are of the photo above or of all photos together.",
        )
        chosen = list(photos) if scope == ALL else chosen
    with st.container(horizontal=True):
        for file in _files(chosen, draw):
            file_button(ALL_FILES, file)
    send_file(ALL_FILES)


def _files(chosen: Sequence[AnalysedPhoto], draw: DrawSettings) -> Iterator[NewFile]:
    several = len(chosen) > 1
    stem = "photos" if several else file_stems(chosen)[0]
    folders = ", in a folder for each photo" if several else ""
    yield NewFile(
        "All faces", partial(faces_zip, chosen), f"{stem}-faces.zip", "application/zip",
        f"A ZIP file with a PNG of each face{folders}.",
        disabled=not any(len(p.result.faces) for p in chosen),
    )  # fmt: skip
    if several:
        yield NewFile(
            "Annotated pictures", partial(annotated_zip, chosen, draw), f"{stem}-annotated.zip",
            "application/zip", "A ZIP file with each photo in full resolution, its faces marked.",
        )  # fmt: skip
    else:
        yield NewFile(
            "Annotated picture", partial(annotated_jpg, chosen[0], draw), f"{stem}-annotated.jpg",
            "image/jpeg", "The photo in full resolution, its faces marked.",
        )  # fmt: skip
    yield NewFile(
        "CSV", partial(faces_csv, chosen), f"{stem}.csv", "text/csv",
        "A table with a row for each face.",
    )  # fmt: skip
    yield NewFile(
        "JSON", partial(faces_json, chosen), f"{stem}.json", "application/json",
        "All that was found, landmarks too, as the command line writes it.",
    )  # fmt: skip
