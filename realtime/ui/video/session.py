"""What one visitor has on the video page, all of it in memory, and for how long."""

from __future__ import annotations

import logging
import threading

import streamlit as st

from realtime.media.video_reader import VideoError
from realtime.video.job import UNEXPECTED_ERROR, VideoJob, VideoSettings
from realtime.video.upload import VideoUpload, open_upload

GRACE_S = 60.0  # a phone whose screen goes dark comes back


class VideoVisit:
    """An upload and the job on it, one at a time.

    Attributes:
        upload: the video, if one was given and can be used.
        problem: a sentence on why it cannot be used.
        job: what is done with it, once that was asked for.
    """

    def __init__(self) -> None:
        self.upload: VideoUpload | None = None
        self.problem = ""
        self.job: VideoJob | None = None
        self.leaving: threading.Timer | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was uploaded yet."""
        return self.upload is None and not self.problem

    def take(self, name: str, data: bytes) -> None:
        """Put another upload in the place of all there is."""
        self.forget()
        try:
            self.upload = open_upload(name, data)
        except VideoError as error:
            self.problem = str(error)
        except Exception:
            logging.getLogger(__name__).exception("an uploaded video could not be opened")
            self.problem = f"{name}: {UNEXPECTED_ERROR}"

    def start(self, settings: VideoSettings) -> None:
        """Analyse the upload; what was found before is forgotten."""
        if self.job is not None:
            self.job.cancel()
        self.job = None if self.upload is None else VideoJob(self.upload, settings)

    def forget(self) -> None:
        """End the job and let go of everything."""
        if self.job is not None:
            self.job.cancel()
        self.upload, self.problem, self.job = None, "", None

    def leave(self) -> None:
        """Forget in a minute, unless the visitor comes back."""
        self.leaving = threading.Timer(GRACE_S, self.forget)
        self.leaving.daemon = True
        self.leaving.start()

    def stay(self) -> None:
        """The visitor is here."""
        if self.leaving is not None:
            self.leaving.cancel()
            self.leaving = None


def this_visit() -> VideoVisit:
    """The visit of whoever looks at the page; it ends a minute after the browser has gone."""
    visit: VideoVisit = st.session_state.setdefault("video-visit", VideoVisit())
    visit.stay()
    _connected(visit)
    return visit


# Streamlit forgets a session's state only when the next visitor comes; this it releases at once.
@st.cache_resource(scope="session", on_release=VideoVisit.leave, show_spinner=False)
def _connected(_visit: VideoVisit) -> VideoVisit:
    return _visit
