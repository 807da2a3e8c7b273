"""The live stream in a Streamlit page: the only file that knows streamlit-webrtc."""

from __future__ import annotations

import gc
import os
from dataclasses import dataclass
from typing import Any

import cv2
import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit_webrtc import Translations, WebRtcMode, webrtc_streamer

from realtime.ice import SECRET, ice_servers
from realtime.live_track import LiveTrack
from realtime.live_worker import StreamSettings

# Streams run side by side; threads within one small picture cost more than they gain.
cv2.setNumThreads(1)
# What is imported by now stays: leave it out of every later search for garbage, which stops all
# threads, the streams' too, for as long as it takes.
gc.collect()
gc.freeze()

# 30 a second, though fewer would do: the receiver holds each frame until the next one begins.
CONSTRAINTS: dict[str, Any] = {
    "video": {
        "width": {"ideal": 640},
        "height": {"ideal": 480},
        "frameRate": {"ideal": 30, "max": 30},
    },
    "audio": False,
}
TRANSLATIONS: Translations = {
    "start": "Start",
    "stop": "Stop",
    "select_device": "Choose camera",
    "select_camera": "Choose camera",
    "device_ask_permission": "Please allow this page to use your camera.",
    "device_not_available": "No camera was found. Connect one and try again",
    "device_access_denied": "This page may not use your camera: allow it in the address bar",
    "media_api_not_available": "This browser gives cameras to pages on https or localhost only.",
}


@dataclass(frozen=True, slots=True)
class LiveStream:
    """A page's stream as it is now.

    Attributes:
        track: the track of this start, or the one that waits for the next.
        playing: whether the browser shows the picture that comes back.
        connecting: whether browser and server are looking for a way to each other.
    """

    track: LiveTrack
    playing: bool
    connecting: bool


def live_stream(key: str, settings: StreamSettings) -> LiveStream:
    """Show the stream's picture with its Start and Stop, and give the stream the settings.

    Raises:
        IceSettingsError: the operator's ICE servers cannot be read.
    """
    track = _current_track(key, settings)
    track.settings = settings
    context = webrtc_streamer(
        key=key,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration={"iceServers": configured_ice_servers()},
        media_stream_constraints=CONSTRAINTS,
        sink_video_track=track,
        source_video_track=track,
        video_html_attrs={
            "autoPlay": True,
            "controls": False,
            "muted": True,
            "style": {"width": "100%", "borderRadius": "0.5rem"},
        },
        translations=TRANSLATIONS,
        sendback_audio=False,
    )
    return LiveStream(track, context.state.playing, context.state.signalling)


def configured_ice_servers() -> list[dict[str, Any]]:
    """The operator's ICE servers, from the environment or the secrets; see `realtime.ice`."""
    try:
        secrets = {SECRET: st.secrets[SECRET]} if SECRET in st.secrets else {}
    except StreamlitSecretNotFoundError:
        secrets = {}
    return ice_servers(os.environ, secrets)


def _current_track(key: str, settings: StreamSettings) -> LiveTrack:
    """This session's track; a fresh one for each start."""
    slot = f"{key}-track"
    track: LiveTrack | None = st.session_state.get(slot)
    context = st.session_state.get(key)
    if track is not None and not (track.ended and _begins_anew(context)):
        return track
    fresh = LiveTrack(settings)
    st.session_state[slot] = fresh
    return fresh


def _begins_anew(context: Any) -> bool:
    """Whether the browser asks for a new stream, its forerunner having ended.

    A stream that broke off leaves its worker and its sent answer in streamlit-webrtc's context,
    and the run that would clear them may be cut short by the next Start. That Start would then
    find them and stay without an answer; so they are taken out here. There is no public way.
    """
    if context is None:
        return True
    if not context.state.signalling:
        return False
    worker = context._get_worker()
    if worker is not None:
        worker.stop()
        context._set_worker(None)
    context._sdp_answer_json = None
    context._is_sdp_answer_sent = False
    return True
