"""Results of a video: annotated copy, downloads, counts, and a card with a chart per face."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Any, Literal

import streamlit as st
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.ui.charts import (
    EMOTION_COLOURS,
    MASK_COLOURS,
    count_timeline,
    emotion_rows,
    emotion_timeline,
    legend_html,
)
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.tiles import count_tiles
from realtime.ui.video.captions import upload_caption
from realtime.ui.video.cards import person_html
from realtime.ui.video.seek import seekable_chart
from realtime.ui.video.track_editor import track_editor, track_names, undo_button
from realtime.video.job import VideoResult
from realtime.video.people import (
    Person,
    emotion_series,
    mask_counts,
    mask_series,
    most_at_once,
    people,
    step_times,
)
from realtime.video.report import video_report
from realtime.video.track_names import named_file
from realtime.video.upload import VideoUpload

MAX_CARDS = 6  # until the user asks for all
MAX_MERGE = 200  # tracks offered to merge one with; flickering videos have thousands
BRIEF_S = 0.5  # faces visible for a shorter time are shown on request
MAX_HEIGHT_PX = 480  # of upright videos
NO_FACE = (
    "**No faces found.** Lower “Detection threshold”, choose another detector or use a video with "
    "larger faces."
)


def display_width(upload: VideoUpload) -> int | Literal["stretch"]:
    """Width on the page, limited so that an upright video fits on the screen."""
    width, height = upload.size_wh
    return "stretch" if width >= 1.3 * height else round(MAX_HEIGHT_PX * width / height)


def show_video(result: VideoResult, upload: VideoUpload) -> None:
    """Show the annotated video and the downloads."""
    st.video(result.mp4, format="video/mp4", width=display_width(upload))
    speed = len(result.times_s) / max(result.took_s, 1e-3)
    st.caption(f"{upload_caption(upload)}. Analysed at {speed:.0f} fps.")
    _downloads(result, upload)
    if result.notice:
        st.warning(result.notice)
    if result.damaged:
        count, plural = result.damaged, result.damaged != 1
        parts, were = ("parts", "were") if plural else ("part", "was")
        st.warning(f"{count} damaged {parts} of the video {were} skipped.")
    if result.table.dropped:
        st.warning(
            f"The table is full: its first {result.table.dropped:,} rows were dropped. Cut the "
            "video into parts to export all rows."
        )


def show_counts(result: VideoResult) -> None:
    """Show the number of faces per mask label, in total and over time."""
    rows, frames = track_names(result).apply(result.table.rows()), len(result.times_s)
    lasting = _lasting(people(rows))
    if not lasting:
        st.markdown(NO_FACE)
        return
    most = most_at_once(rows)
    tiles = count_tiles(len(lasting), mask_counts(lasting), noun="track", detail=f"{most} at once")
    st.html(f'<div class="fs">{tiles}</div>')
    st.caption(
        f"Most at once: {most}. A track is one face from its appearance to its end. Masks: its "
        "most frequent label."
    )
    counts = mask_series(rows, frames)
    values = [
        {"time_s": round(t, 2), "mask": mask, "faces": int(n)}
        for t, row in zip(step_times(result.times_s), counts, strict=True)
        for mask, n in zip(MASK_COLOURS, row, strict=True)
    ]
    st.markdown("**Faces over time**")
    st.html(legend_html(MASK_COLOURS))
    spec = {**count_timeline(height_px=160), "data": {"values": values}}
    spec["encoding"]["color"] |= {"legend": None}
    spec["encoding"]["y"]["axis"] |= {"values": list(range(0, most + 1, 1 + most // 5))}
    spec["encoding"]["y"]["scale"] = {"domain": [0, most]}
    seekable_chart(spec, "video-masks", float(result.times_s[-1]))


def show_people(result: VideoResult) -> None:
    """Show a card for each face, with its best picture and its emotions over time."""
    names = track_names(result)
    rows = names.apply(result.table.rows())
    all_people = people(rows)
    if not all_people:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Faces")
        undo_button(result)
    st.caption(
        "Click on a chart to go there in the video. Point at a face in the video for its labels."
    )
    st.html(legend_html(EMOTION_COLOURS))
    lasting = _lasting(all_people)
    shown = lasting[:MAX_CARDS]
    if len(all_people) > len(shown) and st.toggle(
        f"Show all {len(all_people)} faces",
        help=f"Includes faces visible for less than {BRIEF_S:g} s, often false detections.",
    ):
        shown = all_people
    views = names.views(result.views_jpg, result.table.rows())
    numbers = sorted(person.number for person in all_people)[:MAX_MERGE]
    for person in shown:
        _person(result, rows, person, views.get(person.number), numbers)
    st.caption(
        "Faces are numbered in order of appearance. Nobody is identified: someone who returns gets "
        "a new number. “Edit” merges both, and gives names."
    )


def _person(
    result: VideoResult,
    rows: NDArray[Any],
    person: Person,
    view_jpg: bytes | None,
    numbers: list[int],
) -> None:
    title = track_names(result).title(person.number)
    with st.container(border=True):
        card, chart = st.columns([2, 3], gap="medium", vertical_alignment="center")
        with card:
            st.html(person_html(person, title, result.times_s, view_jpg))
            track_editor(result, person.number, numbers)
        if EMOTION.name not in person.labels:
            return
        series = emotion_series(rows, person.number, len(result.times_s))
        spec = emotion_timeline(height_px=160)
        spec["encoding"]["color"] |= {"legend": None}
        spec["data"] = {"values": emotion_rows(step_times(result.times_s), series.tolist())}
        with chart:
            seekable_chart(spec, f"video-face-{person.number}", float(result.times_s[-1]))


def _lasting(all_people: list[Person]) -> list[Person]:
    """Leave out people visible only briefly, unless there are no others."""
    return [p for p in all_people if p.last_s - p.first_s >= BRIEF_S] or all_people


def _downloads(result: VideoResult, upload: VideoUpload) -> None:
    table, rows, stem = result.table, "One row per face per frame", PurePath(upload.name).stem
    parquet = "application/vnd.apache.parquet"
    names = track_names(result)
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
        report = NewFile(
            "Report",
            lambda: video_report(
                upload_caption(upload),
                _lasting(people(names.apply(table.rows()))),
                names.views(result.views_jpg, table.rows()),
                names,
            ),
            f"{stem}-report.html",
            "text/html",
            "One HTML file with a card for each track, to read, print or send.",
        )
        file_button("video", report)
        for label, mime, use in (
            ("CSV", "text/csv", "for spreadsheets"),
            ("JSON", "application/json", "for programs"),
            ("Parquet", parquet, "typed, for data frames"),
        ):
            kind = label.lower()
            make = partial(named_file, table, names, kind)
            file_button("video", NewFile(label, make, f"{stem}.{kind}", mime, f"{rows}, {use}."))
    send_file("video")
