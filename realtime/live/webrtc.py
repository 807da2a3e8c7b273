"""The live stream in a Streamlit page; the only module that uses streamlit-webrtc."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError
from streamlit.runtime import Runtime
from streamlit_webrtc import AudioSinkTrack, Translations, WebRtcMode, webrtc_streamer
from streamlit_webrtc.component import _component_func as _webrtc_component
from streamlit_webrtc.component import generate_frontend_component_key
from streamlit_webrtc.relay import _SERVER_GLOBAL_RELAY_ATTR_NAME_
from streamlit_webrtc.webrtc import SignallingTimeoutError

from realtime.config import settings as server_settings
from realtime.core.errors import FaceStreamError
from realtime.live.capture import Capture
from realtime.live.direct_relay import DirectRelay
from realtime.live.frame_processor import StreamSettings
from realtime.live.ice import SECRET, ice_servers
from realtime.live.live_track import LiveTrack
from realtime.live.metrics import RECONNECTS
from realtime.live.shared_engine import shared_admission

TRANSLATIONS: Translations = {
    "start": "Start",
    "stop": "Stop",
    "select_device": "Choose camera",
    "select_camera": "Choose camera",
    "select_microphone": "Choose microphone",
    "device_ask_permission": "Allow this page to use your camera.",
    "device_not_available": "No camera found. Connect one and try again",
    "device_access_denied": "Camera access is blocked. Allow it in the address bar",
    "media_api_not_available": "The camera needs HTTPS or localhost.",
}

BUSY = "The server was too busy to start the stream. Reload this page, then press Start."


class StreamStartError(FaceStreamError):
    """The stream did not start."""


@dataclass(frozen=True, slots=True)
class LiveStream:
    """The state of a page's stream when the page ran.

    Attributes:
        track: the running track, or the one for the next start.
        playing: whether the browser shows the returned video.
        connecting: whether browser and server are establishing a connection.
        context: streamlit-webrtc's context, which changes while the page is shown.
    """

    track: LiveTrack
    playing: bool
    connecting: bool
    context: Any

    @property
    def outdated(self) -> bool:
        """Whether the stream has started or stopped since the page ran."""
        state = self.context.state
        return bool((state.playing, state.signalling) != (self.playing, self.connecting))


def place_in_queue(key: str) -> int:
    """Ask for a place for this session's stream; call it before `live_stream`.

    Args:
        key: key of the stream in the session state.

    Returns:
        0 if the stream may be shown, otherwise the session's place in the queue.
    """
    starting = _current_offer(_component_key(key)) is not None
    waits = f"{key}-waits"
    if not starting and waits not in st.session_state and _has_streamed(key):
        return 0  # after Stop the page stays; who presses Start again may have to wait
    place = shared_admission().ask(_viewer(key), starting=starting)
    if place == 0:
        st.session_state.pop(waits, None)
    else:
        st.session_state[waits] = True
    return place


def _has_streamed(key: str) -> bool:
    """Whether the session has streamed before, and shows what came of it."""
    stream: _Stream | None = st.session_state.get(f"{key}-track")
    return stream is not None and stream.offer is not None


def _component_key(key: str) -> str:
    """The key of streamlit-webrtc's component and context in the session state."""
    return f"{key}-camera"


def _viewer(key: str) -> str:
    """A name for this session, known to the server alone."""
    return str(st.session_state.setdefault(f"{key}-viewer", uuid4().hex))


def live_stream(key: str, settings: StreamSettings, capture: Capture | None = None) -> LiveStream:
    """Show the stream with its Start and Stop buttons, and apply the settings to it.

    Audio is received only, never sent back.

    Args:
        key: key of the stream in the session state.
        settings: the viewer's settings.
        capture: camera and microphone for the next start.

    Raises:
        ConfigError: the operator's ICE servers are invalid.
        StreamStartError: the server was too busy to answer the browser's offer in time.
    """
    _use_direct_relay()
    capture = capture or Capture()
    component = _component_key(key)
    stream = _current_stream(f"{key}-track", component, settings)
    track = stream.track
    if stream.offer is not None and not track.ended:
        shared_admission().started(_viewer(key), track)
    track.settings = settings
    try:
        context = webrtc_streamer(
            key=component,
            mode=WebRtcMode.SENDRECV,
            rtc_configuration={"iceServers": _current_ice_servers(key)},
            media_stream_constraints=capture.constraints(),
            sink_video_track=track,
            sink_audio_track=stream.audio_sink,
            source_video_track=track,
            video_html_attrs={
                "autoPlay": True,
                "controls": False,
                "muted": True,
                "style": {"width": "100%", "borderRadius": "0.5rem"},
            },
            translations=TRANSLATIONS,
            sendback_audio=False,
            media_toggle_controls=False,  # a camera that is only muted still runs
        )
    except SignallingTimeoutError as error:
        # The track may have begun to read: the next attempt needs another.
        track.stop()
        del st.session_state[f"{key}-track"]
        raise StreamStartError(BUSY) from error
    state = context.state
    return LiveStream(track, state.playing, state.signalling, context)


def stream_runs(key: str) -> bool:
    """Whether the stream with that key was playing or connecting when the page last ran."""
    context = st.session_state.get(_component_key(key))
    return context is not None and bool(context.state.playing or context.state.signalling)


def _current_ice_servers(key: str) -> list[dict[str, Any]]:
    """This session's ICE servers; short-lived credentials are renewed after half of their time."""
    settings, now_s = server_settings(), time.time()
    kept: tuple[float, list[dict[str, Any]]] | None = st.session_state.get(f"{key}-ice")
    if kept is not None and now_s - kept[0] < settings.turn_ttl_s / 2:
        return kept[1]
    try:
        secrets = {SECRET: st.secrets[SECRET]} if SECRET in st.secrets else {}
    except StreamlitSecretNotFoundError:
        secrets = {}
    servers = ice_servers(settings, secrets, user=_viewer(key)[:8], now_s=now_s)
    st.session_state[f"{key}-ice"] = now_s, servers
    return servers


def register_component() -> None:
    """Have the running server serve streamlit-webrtc's page.

    Streamlit does so only where a page is the first to import that package.
    """
    if Runtime.exists():
        Runtime.instance().component_registry.register_component(_webrtc_component)


def _use_direct_relay() -> None:
    """Have streamlit-webrtc find our relay where it keeps its own; it has no option for this."""
    if Runtime.exists():
        vars(Runtime.instance()).setdefault(_SERVER_GLOBAL_RELAY_ATTR_NAME_, DirectRelay())


@dataclass(slots=True)
class _Stream:
    """A track, its audio sink, and the browser's offer that it answers; None before Start."""

    track: LiveTrack
    audio_sink: AudioSinkTrack
    offer: str | None = None


def _current_stream(key: str, component: str, settings: StreamSettings) -> _Stream:
    """Return the session's stream; a new one for each offer of the browser.

    After a cut the browser may offer a new connection before the server has noticed that the old
    one is dead, so neither the track nor the context shows whether this is a new start.
    """
    offer = _current_offer(component)
    current: _Stream | None = st.session_state.get(key)
    if current is not None and (offer is None or current.offer in (None, offer)):
        current.offer = offer or current.offer
        return current
    if current is not None:
        current.track.stop()
        if current.track.broke_off_s is not None:
            RECONNECTS.inc()
        _reset_for_restart(st.session_state.get(component))
    track = LiveTrack(settings)
    fresh = _Stream(track, AudioSinkTrack(track.on_audio), offer)
    st.session_state[key] = fresh
    return fresh


def _current_offer(component: str) -> str | None:
    """The session description that the browser offers now; None when it is not connecting."""
    value = st.session_state.get(generate_frontend_component_key(component))
    offer = value.get("sdpOffer") if value else None
    return str(offer["sdp"]) if offer else None


def _reset_for_restart(context: Any) -> None:
    """Clear the previous stream from streamlit-webrtc's context.

    A broken stream leaves its worker and its answer in the context. The run that would clear them
    can be interrupted by the next Start, which then finds them and never gets an answer. There is
    no public API for this.
    """
    if context is None:
        return
    worker = context._get_worker()
    if worker is not None:
        worker.stop()
        context._set_worker(None)
    context._sdp_answer_json = None
    context._is_sdp_answer_sent = False
