"""The live page's recordings: start, the sign while one runs, stop, and the download."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from realtime.live.recorder import Recorder, RecordingLimits
from realtime.live.webrtc import LiveStream
from realtime.ui.live import pending_clicks as presses

PART = "recording"
REFRESH_S = 1.0
_KEPT = "live-recording"
_LIMITS = RecordingLimits()
UNHIDDEN = "This recording shows faces: it began before they were hidden."
LIMITS_TEXT = f"{_LIMITS.seconds / 60:g} minutes or {_LIMITS.megabytes:g} MB"


def recording_tools(live: LiveStream, *, sound: bool) -> None:
    """Show what fits: Record, or the sign and Stop, or the finished recording.

    Args:
        live: what is recorded.
        sound: whether the microphone was asked for.
    """
    busy = _busy()
    st.fragment(_tools, run_every=REFRESH_S if busy else None)(live, sound, busy)


def _tools(live: LiveStream, sound: bool, refreshed: bool) -> None:
    presses.shown(PART)
    if _busy() != refreshed:
        st.rerun()  # the whole page, which alone can change how often this part is looked at
    recorder = _kept()
    if recorder is None or recorder.ended:
        st.button(
            "Record",
            icon=":material/fiber_manual_record:",
            disabled=not live.playing,
            on_click=presses.noted(PART, partial(_start, live, sound)),
            width="stretch",
            help="Record what you see as an MP4 file, with sound if “Record sound” was on before "
            f"Start. It stops by itself after {LIMITS_TEXT}, and is kept in the server's memory "
            "until you record again, discard it or leave.",
        )
    elif recorder.recording:
        _running(recorder)
    else:
        st.info("Finishing the recording…")
    if recorder is not None and recorder.ended:
        _finished(live, recorder)


def _running(recorder: Recorder) -> None:
    sign, stop = st.columns(2, gap="small")
    with sign:
        st.html(f'<div class="fs-rec" role="timer"><i></i>Recording {_clock(recorder)}</div>')
    with stop:
        st.button(
            "Stop recording",
            icon=":material/stop_circle:",
            type="primary",
            on_click=presses.noted(PART, recorder.stop),
            width="stretch",
            help="Finish the recording; the stream goes on.",
        )


def _finished(live: LiveStream, recorder: Recorder) -> None:
    if recorder.notice is not None:
        st.warning(recorder.notice)
    if recorder.mp4 is None:
        return
    if live.track.settings.draw.hiding and recorder.shows_faces:
        st.warning(UNHIDDEN)
    size = len(recorder.mp4) / 1e6
    left_out = ""
    if recorder.dropped:
        left_out = f" {recorder.dropped} frames were left out, for the server was busy."
    voice = "with sound" if recorder.sound else "without sound"
    st.caption(f"Recording of {_clock(recorder)}, {size:.1f} MB, {voice}.{left_out}")
    download, discard = st.columns(2, gap="small")
    with download:
        st.download_button(
            "Download",
            recorder.mp4,
            time.strftime("facestream-%Y%m%d-%H%M%S.mp4"),
            "video/mp4",
            on_click="ignore",
            icon=":material/download:",
            width="stretch",
            help="Download the recording as an MP4 file.",
        )
    with discard:
        st.button(
            "Discard",
            icon=":material/delete:",
            on_click=presses.noted(PART, partial(_discard, live)),
            width="stretch",
            help="Forget the recording.",
        )


def _start(live: LiveStream, sound: bool) -> None:
    recorder = Recorder(sound=sound and live.track.last_sound_s is not None)
    st.session_state[_KEPT] = recorder
    live.track.attach_recorder(recorder)


def _discard(live: LiveStream) -> None:
    st.session_state[_KEPT] = None
    live.track.attach_recorder(None)


def _kept() -> Recorder | None:
    recorder: Recorder | None = st.session_state.get(_KEPT)
    return recorder


def _busy() -> bool:
    recorder = _kept()
    return recorder is not None and not recorder.ended


def _clock(recorder: Recorder) -> str:
    minutes, seconds = divmod(int(recorder.elapsed_s), 60)
    return f"{minutes}:{seconds:02d}"
