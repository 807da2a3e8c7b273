"""What was found in a video: the annotated copy, downloads, counts, and how each face fared."""

from __future__ import annotations

from pathlib import PurePath
from typing import Literal

import streamlit as st

from realtime.attribute.registry import EMOTION
from realtime.ui.charts import (
    EMOTION_COLOURS,
    MASK_COLOURS,
    count_timeline,
    emotion_rows,
    emotion_timeline,
    legend_html,
)
from realtime.ui.download import NewFile, file_button, given_file
from realtime.ui.tiles import count_tiles
from realtime.ui.video.captions import upload_text
from realtime.ui.video.cards import person_html
from realtime.video.job import VideoResult
from realtime.video.people import (
    Person,
    emotion_series,
    mask_counts,
    mask_series,
    people,
    step_times,
)
from realtime.video.upload import VideoUpload

FIRST_PEOPLE = 6
BRIEF_S = 0.5  # faces seen for a shorter time are shown on demand
TALLEST_PX = 480  # a video is shown so tall at most, unless it is wide
NO_FACE = (
    "**No face found.** Lower “Certainty of a face”, choose another detector, or try a video with "
    "larger faces."
)


def shown_width(upload: VideoUpload) -> int | Literal["stretch"]:
    """How wide the page shows it, so that a phone's upright video is no taller than the screen."""
    width, height = upload.size_wh
    return "stretch" if width >= 1.3 * height else round(TALLEST_PX * width / height)


def show_video(result: VideoResult, upload: VideoUpload) -> None:
    """The annotated video and all there is to download."""
    st.video(result.mp4, format="video/mp4", width=shown_width(upload))
    speed = len(result.times_s) / max(result.took_s, 1e-3)
    st.caption(f"{upload_text(upload)}. Analysed at {speed:.0f} frames a second.")
    _downloads(result, PurePath(upload.name).stem)
    if result.notice:
        st.warning(result.notice)
    if result.damaged:
        parts = f"{result.damaged} damaged part{'' if result.damaged == 1 else 's'}"
        st.warning(f"{parts} of the video could not be read and left out.")
    if result.table.dropped:
        st.warning(
            f"The table was too long: its first {result.table.dropped} rows are left out. "
            "Cut the video to have them all."
        )


def show_counts(result: VideoResult) -> None:
    """How many faces wore a mask: over the whole video, and from moment to moment."""
    rows, frames = result.table.rows(), len(result.times_s)
    lasting = _lasting(people(rows))
    if not lasting:
        st.markdown(NO_FACE)
        return
    tiles = count_tiles(len(lasting), mask_counts(lasting))
    st.html(f'<div class="fs">{tiles}</div>')
    counts = mask_series(rows, frames)
    values = [
        {"time_s": round(t, 2), "mask": mask, "faces": int(n)}
        for t, row in zip(step_times(result.times_s), counts, strict=True)
        for mask, n in zip(MASK_COLOURS, row, strict=True)
    ]
    most = int(counts.sum(axis=1).max())
    st.markdown("**Faces in view**")
    st.html(legend_html(MASK_COLOURS))
    spec = {**count_timeline(height_px=160), "data": {"values": values}}
    spec["encoding"]["color"] |= {"legend": None}
    spec["encoding"]["y"]["axis"] |= {"values": list(range(0, most + 1, 1 + most // 5))}
    st.vega_lite_chart(spec, width="stretch", key="video-masks")


def show_people(result: VideoResult) -> None:
    """A card for each face, with its clearest picture and the course of its emotions."""
    everybody = people(result.table.rows())
    if not everybody:
        return
    st.subheader("Each face")
    st.html(legend_html(EMOTION_COLOURS))
    lasting = _lasting(everybody)
    shown = lasting[:FIRST_PEOPLE]
    if len(everybody) > len(shown) and st.toggle(
        f"Show all {len(everybody)} faces",
        help=f"Those seen for less than {BRIEF_S:g} s too, which are often mistakes.",
    ):
        shown = everybody
    for person in shown:
        _person(result, person)
    st.caption(
        "Faces are numbered as they come. Nobody is identified: whoever leaves and comes back has "
        "a new number."
    )


def _person(result: VideoResult, person: Person) -> None:
    rows, frames = result.table.rows(), len(result.times_s)
    with st.container(border=True):
        card, chart = st.columns([2, 3], gap="medium", vertical_alignment="center")
        card.html(person_html(person, frames, result.views_jpg.get(person.number)))
        if EMOTION.name not in person.labels:
            return
        course = emotion_series(rows, person.number, frames)
        spec = emotion_timeline(height_px=160)
        spec["encoding"]["color"] |= {"legend": None}
        spec["data"] = {"values": emotion_rows(step_times(result.times_s), course.tolist())}
        chart.vega_lite_chart(spec, width="stretch", key=f"video-face-{person.number}")


def _lasting(everybody: list[Person]) -> list[Person]:
    """Without those seen only briefly, unless that is all there is."""
    return [p for p in everybody if p.last_s - p.first_s >= BRIEF_S] or everybody


def _downloads(result: VideoResult, stem: str) -> None:
    table, rows = result.table, "A row for each face of each frame"
    parquet = "application/vnd.apache.parquet"
    with st.container(horizontal=True):
        st.download_button(
            "MP4",
            result.mp4,
            f"{stem}-annotated.mp4",
            "video/mp4",
            key="video-MP4",
            on_click="ignore",
            icon=":material/download:",
            help="The annotated video.",
        )
        for label, make, end, mime, what in (
            ("CSV", table.csv, "csv", "text/csv", "for spreadsheets"),
            ("JSON", table.json, "json", "application/json", "for programs"),
            ("Parquet", table.parquet, "parquet", parquet, "typed, for data frames"),
        ):
            file_button("video", NewFile(label, make, f"{stem}.{end}", mime, f"{rows}, {what}."))
    given_file("video")
