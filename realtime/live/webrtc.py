"""The live stream in a Streamlit page: the only file that knows streamlit-webrtc."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit_webrtc import AudioSinkTrack, Translations, WebRtcMode, webrtc_streamer

from realtime.live.capture import Capture
from realtime.live.frame_processor import StreamSettings
from realtime.live.ice import SECRET, ice_servers
from realtime.live.live_track import LiveTrack

TRANSLATIONS: Translations = {
    "start": "Start",
    "stop": "Stop",
    "select_device": "Choose camera",
    "select_camera": "Choose camera",
    "select_microphone": "Choose microphone",
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
        context: streamlit-webrtc's, which goes on to change.
    """

    track: LiveTrack
    playing: bool
    connecting: bool
    context: Any

    @property
    def outdated(self) -> bool:
        """Whether the browser has started or stopped since, and the page has not run yet."""
        state = self.context.state
        return bool((state.playing, state.signalling) != (self.playing, self.connecting))


def live_stream(key: str, settings: StreamSettings, capture: Capture | None = None) -> LiveStream:
    """Show the stream's picture with its Start and Stop, and give the stream the settings.

    Sound only comes in: it is never sent back.

    Raises:
        IceSettingsError: the operator's ICE servers cannot be read.
    """
    capture = capture or Capture()
    # The component remembers the camera it got last and asks for just that one: under a key for
    # each way of facing, the other camera can be had too.
    component = f"{key}-{capture.facing}"
    track, ear = _current_track(f"{key}-track", component, settings)
    track.settings = settings
    context = webrtc_streamer(
        key=component,
        mode=WebRtcMode.SENDRECV,
        rtc_configuration={"iceServers": configured_ice_servers()},
        media_stream_constraints=capture.constraints(),
        sink_video_track=track,
        sink_audio_track=ear,
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
    return LiveStream(track, context.state.playing, context.state.signalling, context)


def stream_runs(key: str, facing: str) -> bool:
    """Whether the stream under that key was playing or connecting when the page last ran."""
    context = st.session_state.get(f"{key}-{facing}")
    return context is not None and bool(context.state.playing or context.state.signalling)


def configured_ice_servers() -> list[dict[str, Any]]:
    """The operator's ICE servers, from the environment or the secrets; see `realtime.live.ice`."""
    try:
        secrets = {SECRET: st.secrets[SECRET]} if SECRET in st.secrets else {}
    except StreamlitSecretNotFoundError:
        secrets = {}
    return ice_servers(os.environ, secrets)


def _current_track(
    slot: str, component: str, settings: StreamSettings
) -> tuple[LiveTrack, AudioSinkTrack]:
    """This session's track and what hears for it; fresh ones for each start."""
    kept: tuple[LiveTrack, AudioSinkTrack] | None = st.session_state.get(slot)
    if kept is not None and not (kept[0].ended and _begins_anew(st.session_state.get(component))):
        return kept
    track = LiveTrack(settings)
    fresh = track, AudioSinkTrack(track.hear)
    st.session_state[slot] = fresh
    return fresh


def _begins_anew(context: Any) -> bool:
    """Whether the browser asks for a new stream, its forerunner having ended.

    A stream that broke off leaves its worker and its sent answer in streamlit-webrtc's context,
    and the run that would clear them may be cut short by the next Start. That Start would then
    find them and stay without an answer; so they are taken out here. There is no public way.
    """
    if context is None or not context.state.signalling:
        return False
    worker = context._get_worker()
    if worker is not None:
        worker.stop()
        context._set_worker(None)
    context._sdp_answer_json = None
    context._is_sdp_answer_sent = False
    return True
