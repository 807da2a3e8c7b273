"""The gallery of a video's moments: a picture of each, a button that goes there, and clips."""

from __future__ import annotations

from base64 import b64encode
from functools import partial
from html import escape

import numpy as np
import streamlit as st

from realtime.media.resize import fit_within
from realtime.media.video_file import VideoError
from realtime.output.crops import encode, face_crop
from realtime.ui.download import NewFile, file_button, send_file
from realtime.ui.video.seek import seek
from realtime.ui.video.session import VideoSession
from realtime.ui.video.track_editor import track_names
from realtime.video.clips import clip_gif, clip_mp4, frame_at
from realtime.video.job import VideoResult
from realtime.video.moments import Moment, moments
from realtime.video.people import timestamp

COLUMNS = 4
SIDE_PX = 240
MARGIN = 0.6  # around the face, of its longer side
BEFORE_S, AFTER_S = 1.0, 1.5  # of a moment, in its clips


def gallery(session: VideoSession, result: VideoResult, stem: str) -> None:
    """Show the moments; nothing if there are none.

    Args:
        session: keeps their pictures for as long as the result.
        result: the video's result.
        stem: start of the files' names.
    """
    if session.moments is None:
        session.moments = _pictures(result)
    shown = session.moments
    if not shown:
        return
    st.subheader("Moments")
    for start in range(0, len(shown), COLUMNS):
        columns = st.columns(COLUMNS)
        for k, (moment, jpg) in enumerate(shown[start : start + COLUMNS], start):
            with columns[k - start]:
                _card(result, moment, jpg, f"{stem}-{k + 1:02d}", k + 1)
    send_file("video-moment")


def _card(result: VideoResult, moment: Moment, jpg: bytes, name: str, position: int) -> None:
    title = escape(f"{moment.kind}, {track_names(result).title(moment.number)}")
    image = b64encode(jpg).decode()
    st.html(
        f'<img src="data:image/jpeg;base64,{image}" alt="{title}" style="width:100%;'
        f'aspect-ratio:1;object-fit:cover;border-radius:.5rem"><div>{title}</div>'
    )
    with st.container(horizontal=True, gap="small"):
        st.button(
            timestamp(moment.time_s),
            icon=":material/play_arrow:",
            key=f"video-moment-{position}",
            on_click=seek,
            args=(moment.time_s,),
            help="Show this moment in the video.",
        )
        span = (max(0.0, moment.time_s - BEFORE_S), moment.time_s + AFTER_S)
        kind = moment.kind.lower().replace(" ", "-")
        for label, clip, mime, about in (
            ("GIF", clip_gif, "image/gif", "as a moving picture"),
            ("MP4", clip_mp4, "video/mp4", "as a video with its sound"),
        ):
            file = NewFile(
                f"{label} {position}",
                partial(clip, result.mp4, *span),
                f"{name}-{kind}.{label.lower()}",
                mime,
                f"A short clip around this moment with the drawings, {about}.",
            )
            file_button("video-moment", file)


def _pictures(result: VideoResult) -> list[tuple[Moment, bytes]]:
    """The moments with their pictures."""
    shown = []
    for moment in moments(result.table.rows()):
        try:
            frame = frame_at(result.mp4, moment.time_s)
        except VideoError:
            continue  # a moment after the end of a shortened copy
        crop = face_crop(frame, np.array(moment.xyxy, np.float32), margin=MARGIN)
        shown.append((moment, encode(fit_within(crop, SIDE_PX), ".jpg")))
    return shown
