"""One session's upload and analysis on the video page, in memory only."""

from __future__ import annotations

import logging
import threading

import streamlit as st

from realtime.media.video_reader import VideoError
from realtime.video.job import UNEXPECTED_ERROR, VideoJob, VideoSettings
from realtime.video.upload import VideoUpload, open_upload

GRACE_S = 60.0  # a phone whose screen turns off disconnects and reconnects


class VideoSession:
    """At most one upload and one job on it.

    Attributes:
        upload: the video, if a valid one was uploaded.
        problem: a message on why the upload is invalid; otherwise empty.
        job: the analysis, once started.
        expiry: the running timer after which everything is discarded; None while connected.
    """

    def __init__(self) -> None:
        self.upload: VideoUpload | None = None
        self.problem = ""
        self.job: VideoJob | None = None
        self.expiry: threading.Timer | None = None

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
        self.job = None if self.upload is None else VideoJob(self.upload, settings)

    def clear(self) -> None:
        """Cancel the job and discard everything."""
        if self.job is not None:
            self.job.cancel()
        self.upload, self.problem, self.job = None, "", None

    def disconnected(self) -> None:
        """Clear after `GRACE_S`, unless the browser reconnects."""
        self.expiry = threading.Timer(GRACE_S, self.clear)
        self.expiry.daemon = True
        self.expiry.start()

    def connected(self) -> None:
        """Stop the timer of `disconnected`."""
        if self.expiry is not None:
            self.expiry.cancel()
            self.expiry = None


def current_session() -> VideoSession:
    """The session of the current visitor; cleared `GRACE_S` after the browser disconnects."""
    session: VideoSession = st.session_state.setdefault("video-session", VideoSession())
    session.connected()
    _until_disconnect(session)
    return session


# Streamlit keeps a session's state until another visitor comes, but releases its caches at once.
@st.cache_resource(scope="session", on_release=VideoSession.disconnected, show_spinner=False)
def _until_disconnect(_session: VideoSession) -> VideoSession:
    return _session
