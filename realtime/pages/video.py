"""The video page: a file's faces followed from its first frame to its last."""

from __future__ import annotations

import streamlit as st

from realtime.media.limits import MAX_VIDEO_DURATION_S as MAX_S
from realtime.media.limits import MAX_VIDEO_UPLOAD_BYTES as MAX_BYTES
from realtime.ui.style import page_style
from realtime.ui.video.captions import progress_text, upload_text
from realtime.ui.video.controls import video_controls
from realtime.ui.video.result import show_counts, show_people, show_video, shown_width
from realtime.ui.video.session import VideoVisit, this_visit
from realtime.video.job import MAX_CONCURRENT_JOBS, State, VideoJob
from realtime.video.upload import EXTENSIONS

REFRESH_S = 0.5

WELCOME = f"""
#### Choose a video with faces in it

It comes back with every face boxed, followed and named, its sound kept, to play and to download.
For each face there is its clearest picture and how its emotions went; all of it also comes as a
table: CSV, JSON or Parquet.

MP4, WebM, MOV or MKV, up to {MAX_BYTES // 1024**2} MB and {MAX_S / 60:.0f} minutes.
"""


def page() -> None:
    """Lay the page out: upload and video, settings and counts beside, everybody below."""
    page_style()
    st.title("Video files")
    visit = this_visit()
    give, choose = st.columns([3, 2], gap="large")
    with give:
        _uploader(visit)
        begin = st.container()
    job = visit.job
    result = None if job is None else job.result
    with choose:
        with st.expander("Settings", expanded=result is None, icon=":material/tune:"):
            settings = video_controls()
        if result is not None:
            show_counts(result)
    with begin:
        if visit.upload is None:
            if visit.problem:
                st.error(visit.problem)
            else:
                st.markdown(WELCOME)
            return
        if job is not None and job.running:
            st.fragment(_progress, run_every=REFRESH_S)(job)
        else:
            label = "Analyse video" if job is None else "Analyse again"
            if st.button(label, type="primary", icon=":material/play_arrow:"):
                visit.start(settings)
                st.rerun()
            if job is not None:
                _ending(job, changed=job.settings != settings)
        if result is None:
            width = shown_width(visit.upload)
            st.image(visit.upload.poster_jpg, caption=upload_text(visit.upload), width=width)
        else:
            show_video(result, visit.upload)
    if result is not None:
        show_people(result)


def _uploader(visit: VideoVisit) -> None:
    file = st.file_uploader(
        "A video with faces",
        type=list(EXTENSIONS),
        key="video-file",
        on_change=visit.forget,
        max_upload_size=MAX_BYTES // 1024**2,
        help=f"Up to {MAX_S / 60:.0f} minutes and 4K. Frames over 1920 pixels are shrunk to that.",
    )
    st.caption(
        "The video stays in this server's memory while this page is open; it is neither stored "
        "nor sent elsewhere. An emotion is a guess from a picture and often wrong."
    )
    # Streamlit forgets the file while another page is shown, the visit does not.
    if file is not None and visit.empty:
        with st.spinner("Looking at the video…"):
            visit.take(file.name, file.getvalue())


def _progress(job: VideoJob) -> None:
    """How far the job is; shows the whole page anew once there is nothing to wait for."""
    if not job.running:
        st.rerun()
    if job.state is State.WAITING:
        st.info(
            f"{MAX_CONCURRENT_JOBS} other videos are being analysed on this server: yours "
            "starts as soon as one of them is done."
        )
    elif job.progress.done == 0:
        st.progress(0.0, "Loading the networks…")
    else:
        st.progress(job.progress.share, progress_text(job.progress))
    st.button("Cancel", icon=":material/close:", on_click=job.cancel, help="Nothing is kept.")


def _ending(job: VideoJob, *, changed: bool) -> None:
    if job.state is State.CANCELLED:
        st.info("The analysis was cancelled; nothing of it was kept.")
    elif job.state is State.FAILED:
        st.error(job.problem)
    elif changed:
        st.info("The settings have changed since: press “Analyse again” to use them.")


page()
