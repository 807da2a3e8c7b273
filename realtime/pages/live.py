"""The live page: the webcam's picture, analysed, and beside it what it shows."""

from __future__ import annotations

import time

import streamlit as st

from realtime.ice import IceSettingsError
from realtime.stream import LiveStream, live_stream
from realtime.ui.camera_notice import camera_notice
from realtime.ui.controls import live_controls
from realtime.ui.readout import readout_html
from realtime.ui.style import page_style

REFRESH_S = 0.5
SILENT_S = 2.0
SLOW_S = 10.0  # connecting takes a second at most where there is a way at all
CONNECTING = "live-connecting-since"

WELCOME = """
#### Press Start and allow the camera

Your picture comes back with every face boxed, followed and named: mask worn, missing or worn
wrongly, and one of seven emotions. Counts and each face's emotions appear here.

Frames are analysed in this server's memory and forgotten at once; nothing is stored.
"""


def page() -> None:
    """Lay the page out: picture and read-out side by side, settings below."""
    page_style()
    st.title("Live")
    top = st.container()
    with st.container(border=True):
        settings = live_controls()
    with top:
        picture, beside = st.columns([3, 2], gap="medium")
        with picture:
            camera_notice()
            try:
                live = live_stream("live", settings)
            except IceSettingsError as error:
                st.error(f"The stream cannot start: {error} Correct it and reload this page.")
                return
        with beside:
            running = live.playing or live.connecting
            st.fragment(_readout, run_every=REFRESH_S if running else None)(live)


def _readout(live: LiveStream) -> None:
    """What the stream shows now; reads what the stream's thread left, never waits for it."""
    track = live.track
    if track.last_frame_s is not None or not (live.playing or live.connecting):
        st.session_state.pop(CONNECTING, None)
    if not (live.playing or live.connecting):
        st.markdown(WELCOME)
    elif track.ended:
        st.warning("The connection to your camera was lost. Press Stop, then Start.")
    elif track.last_frame_s is None:
        if _connecting_s() >= SLOW_S:
            st.warning("Connecting takes unusually long. Reload this page, then press Start.")
        elif track.ready:
            st.info("Connecting your camera to the server…")
        else:
            st.info("Loading the networks…")
    elif track.silent_s() > SILENT_S:
        st.warning(
            f"No picture has arrived from your camera for {track.silent_s():.0f} s. "
            "If it does not come back, press Stop, then Start."
        )
    else:
        if track.problem:
            st.warning(track.problem)
        if track.result is not None:
            st.html(readout_html(track.result.faces, track.stats()))


def _connecting_s() -> float:
    """Seconds since this page began to wait for the stream's first frame."""
    now_s = time.monotonic()
    return now_s - float(st.session_state.setdefault(CONNECTING, now_s))


page()
