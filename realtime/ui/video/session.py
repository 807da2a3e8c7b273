"""One session's upload and analysis on the video page, in memory only."""

from __future__ import annotations

import logging

import streamlit as st

from realtime.media.video_reader import VideoError
from realtime.ui.session_end import at_session_end
from realtime.video.job import UNEXPECTED_ERROR, VideoJob, VideoSettings
from realtime.video.moments import Moment
from realtime.video.upload import VideoUpload, open_upload


class VideoSession:
    """At most one upload and one job on it.

    Attributes:
        upload: the video, if a valid one was uploaded.
        problem: a message on why the upload is invalid; otherwise empty.
        job: the analysis, once started.
        moments: the moments of its result with a JPEG file each; None until they are shown.
    """

    def __init__(self) -> None:
        self.upload: VideoUpload | None = None
        self.problem = ""
        self.job: VideoJob | None = None
        self.moments: list[tuple[Moment, bytes]] | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing has been uploaded."""
        return self.upload is None and not self.problem

    def open(self, name: str, data: bytes) -> None:
        """Replace everything with a new upload."""
        self.clear()
        try:
            self.upload = open_upload(name, data)
        except VideoError as error:
            self.problem = str(error)
        except Exception:
            logging.getLogger(__name__).exception("An uploaded video could not be opened")
            self.problem = f"{name}: {UNEXPECTED_ERROR}"

    def start(self, settings: VideoSettings) -> None:
        """Analyse the upload and discard earlier results."""
        if self.job is not None:
            self.job.cancel()
        self.moments = None
        self.job = None if self.upload is None else VideoJob(self.upload, settings)

    def clear(self) -> None:
        """Cancel the job and discard everything."""
        if self.job is not None:
            self.job.cancel()
        self.upload, self.problem, self.job, self.moments = None, "", None, None


def current_session() -> VideoSession:
    """The session of the current visitor; cleared when that ends."""
    session: VideoSession = st.session_state.setdefault("video-session", VideoSession())
    at_session_end("video", session.clear)
    return session
