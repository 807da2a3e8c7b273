"""The live stream in a Streamlit page: the only file that knows streamlit-webrtc."""

from __future__ import annotations

import os
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit_webrtc import WebRtcMode, webrtc_streamer

from realtime.ice import SECRET, ice_servers
from realtime.live_track import LiveTrack
from realtime.live_worker import StreamSettings

# 30 a second, though fewer would do: the receiver holds each frame until the next one begins.
CONSTRAINTS = {
    "video": {
        "width": {"ideal": 640},
        "height": {"ideal": 480},
        "frameRate": {"ideal": 30, "max": 30},
    },
    "audio": False,
}
TRANSLATIONS = {
    "start": "Start",
    "stop": "Stop",
    "select_device": "Choose camera",
    "select_camera": "Choose camera",
    "device_ask_permission": "Please allow this page to use your camera.",
    "device_not_available": "No camera was found. Connect one and try again",
    "device_access_denied": "This page may not use your camera: allow it in the address bar",
    "media_api_not_available": "This browser gives cameras to pages on https or localhost only.",
}
# A stream that ended without a frame for so long broke off; a user's Stop cuts it in mid-flow.
LOST_S = 3.0


@dataclass(frozen=True, slots=True)
class LiveStream:
    """A page's stream as it is now.

    Attributes:
        track: the track of this start, or the one that waits for the next.
        playing: whether the browser shows the picture that comes back.
        connecting: whether browser and server are looking for a way to each other.
        lost: how the stream before this one ended, if that was not the user's Stop.
    """

    track: LiveTrack
    playing: bool
    connecting: bool
    lost: str | None


def live_stream(key: str, settings: StreamSettings) -> LiveStream:
    """Show the stream's picture with its Start and Stop, and give the stream the settings.

    Raises:
        IceSettingsError: the operator's ICE servers cannot be read.
    """
    track = _current_track(f"{key}-track", settings)
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
        translations=TRANSLATIONS,  # type: ignore[arg-type]
        sendback_audio=False,
    )
    state = context.state
    if state.signalling or state.playing:
        st.session_state.pop(f"{key}-track-lost", None)
    return LiveStream(
        track, state.playing, state.signalling, st.session_state.get(f"{key}-track-lost")
    )


def configured_ice_servers() -> list[dict[str, object]]:
    """The operator's ICE servers, from the environment or the secrets; see `realtime.ice`."""
    try:
        secrets = {SECRET: st.secrets[SECRET]} if SECRET in st.secrets else {}
    except StreamlitSecretNotFoundError:
        secrets = {}
    return ice_servers(os.environ, secrets)


def _current_track(slot: str, settings: StreamSettings) -> LiveTrack:
    """This session's track; a fresh one where there is none or the last one has ended."""
    track: LiveTrack | None = st.session_state.get(slot)
    if track is not None and not track.ended:
        return track
    if track is not None:
        st.session_state[f"{slot}-lost"] = how_lost(track)
    fresh = LiveTrack(settings)
    st.session_state[slot] = fresh
    return fresh


def how_lost(track: LiveTrack) -> str | None:
    """A sentence on how an ended stream broke off; None where the user stopped it."""
    if track.started_s is None or track.silent_at_stop_s < LOST_S:
        return None
    if track.last_frame_s is None:
        return (
            "The browser and the server found no way to each other. Press Start to try again; "
            "if they are in different networks, the server needs a TURN server in its settings."
        )
    return "The connection to your camera was lost. Press Start to connect again."
