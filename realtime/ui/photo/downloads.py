"""Downloads of photos; the files are generated on click."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

import streamlit as st

from realtime.core.settings import DrawSettings
from realtime.output.photo_files import (
    AnalysedPhoto,
    annotated_jpg,
    annotated_zip,
    faces_coco,
    faces_csv,
    faces_json,
    faces_label_studio,
    faces_zip,
    file_stems,
)
from realtime.output.report import photo_report
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.photo.uploads import ALL_FILES

ONE, ALL = "This photo", "All photos"


def photo_downloads(
    photo: AnalysedPhoto, photos: Sequence[AnalysedPhoto], draw: DrawSettings
) -> None:
    """Show download buttons for the selected photo or, if there are several, for all.

    Args:
        photo: the selected photo.
        photos: all photos that were analysed.
        draw: what to draw on annotated photos.
    """
    selected = [photo]
    if len(photos) > 1:
        scope = st.segmented_control(
            "Download",
            [ONE, ALL],
            default=ALL,
            required=True,
            key=f"{ALL_FILES}-scope",
            help="Whether the files contain the selected photo or all photos.",
        )
        selected = list(photos) if scope == ALL else selected
    with st.container(horizontal=True):
        for file in _files(selected, draw):
            file_button(ALL_FILES, file)
    send_file(ALL_FILES)


def _files(photos: Sequence[AnalysedPhoto], draw: DrawSettings) -> Iterator[NewFile]:
    several = len(photos) > 1
    stem = "photos" if several else file_stems(photos)[0]
    folders = ", in one folder per photo" if several else ""
    yield NewFile(
        "All faces", partial(faces_zip, photos), f"{stem}-faces.zip", "application/zip",
        f"ZIP file with a PNG of each face{folders}.",
        disabled=not any(len(p.result.faces) for p in photos),
    )  # fmt: skip
    if several:
        yield NewFile(
            "Annotated photos", partial(annotated_zip, photos, draw), f"{stem}-annotated.zip",
            "application/zip", "ZIP file with the annotated photos at full resolution.",
        )  # fmt: skip
    else:
        yield NewFile(
            "Annotated photo", partial(annotated_jpg, photos[0], draw), f"{stem}-annotated.jpg",
            "image/jpeg", "The annotated photo at full resolution.",
        )  # fmt: skip
    yield NewFile(
        "Report", partial(photo_report, photos, draw), f"{stem}-report.html", "text/html",
        "One HTML file with the annotated photos and all faces, to read, print or send.",
    )  # fmt: skip
    yield NewFile(
        "CSV", partial(faces_csv, photos), f"{stem}.csv", "text/csv",
        "Table with one row per face.",
    )  # fmt: skip
    yield NewFile(
        "JSON", partial(faces_json, photos), f"{stem}.json", "application/json",
        "All results including landmarks, in the format of the command line.",
    )  # fmt: skip
    yield NewFile(
        "COCO", partial(faces_coco, photos), f"{stem}-coco.json", "application/json",
        "Boxes and labels for training and annotation tools.",
    )  # fmt: skip
    yield NewFile(
        "Label Studio", partial(faces_label_studio, photos), f"{stem}-label-studio.json",
        "application/json", "Boxes and labels as predictions to import into Label Studio.",
    )  # fmt: skip
