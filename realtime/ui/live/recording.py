"""The live page's recordings: start, indicator, stop and download."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from realtime.live.recorder import Recorder, RecordingLimits
from realtime.live.webrtc import LiveStream
from realtime.ui.live import pending_clicks
from realtime.ui.session_end import at_session_end

REFRESH_S = 1.0
_STATE_KEY = "live-recording"
_LIMITS = RecordingLimits()
UNHIDDEN = "This recording shows faces: it began before you turned on “Hide faces”."
LIMITS_TEXT = f"{_LIMITS.seconds / 60:g} minutes or {_LIMITS.megabytes:g} MB"


def recording_tools(live: LiveStream, *, sound: bool) -> None:
    """Show Record, or the indicator and Stop, or the finished recording.

    Args:
        live: the stream to record.
        sound: whether the browser was asked for the microphone.
    """
    busy = _busy()
    st.fragment(_tools, run_every=REFRESH_S if busy else None)(live, sound, busy)


def _tools(live: LiveStream, sound: bool, refreshed: bool) -> None:
    if _busy() != refreshed:
        st.rerun()  # only a rerun of the whole page can change the refresh interval
    recorder = _current()
    if recorder is None or recorder.ended:
        st.button(
            "Record",
            key="live-record",
            icon=":material/fiber_manual_record:",
            disabled=not live.playing,
            on_click=pending_clicks.recorded(partial(_start, live, sound)),
            width="stretch",
            help="Record what you see as MP4, with sound if “Record sound” was on at Start. Stops "
            f"after {LIMITS_TEXT}. Kept in server memory until you record again, discard it or "
            "leave.",
        )
    elif recorder.recording:
        _running(recorder)
    else:
        st.info("Finishing the recording…")
    if recorder is not None and recorder.ended:
        _finished(live, recorder)


def _running(recorder: Recorder) -> None:
    indicator, stop = st.columns(2, gap="small")
    with indicator:
        st.html(f'<div class="fs-rec" role="timer"><i></i>Recording {_clock(recorder)}</div>')
    with stop:
        st.button(
            "Stop recording",
            key="live-record-stop",
            icon=":material/stop_circle:",
            type="primary",
            on_click=pending_clicks.recorded(recorder.stop),
            width="stretch",
            help="Finish the recording. The stream continues.",
        )


def _finished(live: LiveStream, recorder: Recorder) -> None:
    if recorder.notice is not None:
        st.warning(recorder.notice)
    if recorder.mp4 is None:
        return
    if live.track.settings.draw.hiding and recorder.shows_faces:
        st.warning(UNHIDDEN)
    size = len(recorder.mp4) / 1e6
    dropped = ""
    if recorder.dropped:
        dropped = f" {recorder.dropped} frames were dropped because the server was busy."
    sound = "with sound" if recorder.sound else "without sound"
    st.caption(f"Recording: {_clock(recorder)}, {size:.1f} MB, {sound}.{dropped}")
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
            help="Download as MP4.",
        )
    with discard:
        st.button(
            "Discard",
            icon=":material/delete:",
            on_click=pending_clicks.recorded(partial(_discard, live)),
            width="stretch",
            help="Delete the recording from server memory.",
        )


def _start(live: LiveStream, sound: bool) -> None:
    recorder = Recorder(sound=sound and live.track.last_sound_s is not None)
    st.session_state[_STATE_KEY] = recorder
    live.track.attach_recorder(recorder)
    at_session_end("recording", recorder.stop)


def _discard(live: LiveStream) -> None:
    st.session_state[_STATE_KEY] = None
    live.track.attach_recorder(None)


def _current() -> Recorder | None:
    recorder: Recorder | None = st.session_state.get(_STATE_KEY)
    return recorder


def _busy() -> bool:
    recorder = _current()
    return recorder is not None and not recorder.ended


def _clock(recorder: Recorder) -> str:
    minutes, seconds = divmod(int(recorder.elapsed_s), 60)
    return f"{minutes}:{seconds:02d}"
