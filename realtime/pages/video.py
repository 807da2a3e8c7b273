"""The video page: upload a video, analyse it and see the results."""

from __future__ import annotations

from pathlib import PurePath

import streamlit as st

from realtime.media.limits import (
    MAX_VIDEO_DURATION_S,
    MAX_VIDEO_SIDE_PX,
    MAX_VIDEO_UPLOAD_BYTES,
)
from realtime.ui.style import page_style
from realtime.ui.video.captions import stage_caption, upload_caption
from realtime.ui.video.controls import video_controls
from realtime.ui.video.gallery import gallery
from realtime.ui.video.hover import hover_details
from realtime.ui.video.result import display_width, show_counts, show_people, show_video
from realtime.ui.video.seek import send_seek
from realtime.ui.video.session import VideoSession, current_session
from realtime.video.job import MAX_CONCURRENT_JOBS, VideoJob
from realtime.video.progress import State
from realtime.video.sample import SAMPLE_NAME, sample_mp4
from realtime.video.upload import EXTENSIONS

REFRESH_S = 0.5
MAX_MB = MAX_VIDEO_UPLOAD_BYTES // 1024**2
MAX_MINUTES = f"{MAX_VIDEO_DURATION_S / 60:.0f}"

WELCOME = f"""
#### Upload a video

Get it back with every face boxed, tracked and labelled, with its sound. See the best picture of
each face and its emotions over time, and export all results as CSV, JSON or Parquet.

MP4, WebM, MOV or MKV, up to {MAX_MB} MB and {MAX_MINUTES} minutes.
"""


def page() -> None:
    """Show upload and video, settings and counts beside them, and all faces below."""
    page_style()
    st.title("Video files")
    session = current_session()
    main, side = st.columns([3, 2], gap="large")
    with main:
        _uploader(session)
        video = st.container()
    job = session.job
    result = None if job is None else job.result
    with side:
        with st.expander("Settings", expanded=result is None, icon=":material/tune:"):
            settings = video_controls()
        if result is not None:
            show_counts(result)
    with video:
        if session.upload is None:
            if session.problem:
                st.error(session.problem)
            else:
                st.markdown(WELCOME)
                if st.button(
                    "Try a sample video",
                    type="primary",
                    icon=":material/movie:",
                    help="A few seconds of two portraits; one takes a painted mask off.",
                ):
                    session.open(SAMPLE_NAME, sample_mp4())
                    session.start(settings)
                    st.rerun()
            return
        if job is not None and job.running:
            st.fragment(_progress, run_every=REFRESH_S)(job)
        else:
            label = "Analyse video" if job is None else "Analyse again"
            if st.button(label, type="primary", icon=":material/play_arrow:"):
                session.start(settings)
                st.rerun()
            if job is not None:
                _outcome(job, changed=job.settings != settings)
        if result is None:
            width = display_width(session.upload)
            st.image(session.upload.poster_jpg, caption=upload_caption(session.upload), width=width)
        else:
            show_video(result, session.upload)
    if result is not None:
        gallery(session, result, PurePath(session.upload.name).stem)
        show_people(result)
        hover_details(result, session.upload.size_wh)
        send_seek()


def _uploader(session: VideoSession) -> None:
    file = st.file_uploader(
        "Video file",
        type=list(EXTENSIONS),
        key="video-file",
        on_change=session.clear,
        max_upload_size=MAX_MB,
        help=f"Up to {MAX_MINUTES} minutes and 4K. Frames larger than {MAX_VIDEO_SIDE_PX} pixels "
        "are resized to that.",
    )
    st.caption(
        "Videos stay in server memory while this page is open; they are not stored or sent "
        "elsewhere. Emotions are estimates and often wrong."
    )
    # Streamlit discards the file while another page is shown; the session keeps it.
    if file is not None and session.empty:
        with st.spinner("Reading the video…"):
            session.open(file.name, file.getvalue())


def _progress(job: VideoJob) -> None:
    """Show the job's progress; rerun the whole page once it has ended."""
    if not job.running:
        st.rerun()
    if job.state is State.WAITING:
        st.info(
            f"{MAX_CONCURRENT_JOBS} other videos are being analysed. Yours starts when one of "
            "them finishes."
        )
    else:
        st.progress(job.progress.share, stage_caption(job.stage, job.progress))
        if job.starved:
            st.caption("The server is busy: live streams come first, so this takes longer.")
    st.button(
        "Cancel", icon=":material/close:", on_click=job.cancel, help="Stop and discard the results."
    )


def _outcome(job: VideoJob, *, changed: bool) -> None:
    if job.state is State.CANCELLED:
        st.info("Analysis cancelled. Its results were discarded.")
    elif job.state is State.FAILED:
        st.error(job.problem)
    elif changed:
        st.info("Settings changed. Press “Analyse again” to apply them.")


page()
