"""The live page's read-out beside the picture, twice a second, or why there is none."""

from __future__ import annotations

import time

import streamlit as st

from realtime.attribute.registry import MASK, names
from realtime.live.live_track import LiveTrack
from realtime.live.timeline import UNMASKED_S, unmasked_tracks
from realtime.live.webrtc import LiveStream
from realtime.ui.live import pending_clicks as presses
from realtime.ui.live.controls import mask_alert_wanted
from realtime.ui.live.faces import readout_html
from realtime.ui.live.mask_alert import mask_alert_html
from realtime.ui.persistent_controls import KeptControls

REFRESH_S = 0.5
SILENT_S = 2.0
SLOW_S = 10.0  # connecting takes a second at most where there is a way at all
CONNECTING = "live-connecting-since"

WELCOME = """
#### Press Start and allow the camera

Your picture comes back with every face boxed, followed and named: mask worn, missing or worn
wrongly, and one of seven emotions. Counts and each face's emotions appear here.

Frames are analysed in this server's memory and forgotten at once; pictures are kept only if you
press Snapshot or Record.
"""


def live_readout(live: LiveStream) -> None:
    """Show what the stream shows now, and keep it up to date while there is a stream."""
    running = live.playing or live.connecting
    st.fragment(_readout, run_every=REFRESH_S if running else None)(live)


def _readout(live: LiveStream) -> None:
    """Reads what the stream's thread left, never waits for it."""
    if live.outdated or KeptControls("live").changed() or presses.forgotten():
        st.rerun()
    track = live.track
    if track.elapsed_s is not None or not (live.playing or live.connecting):
        st.session_state.pop(CONNECTING, None)
    if not (live.playing or live.connecting):
        st.markdown(WELCOME)
    elif track.ended:
        lost = "The connection to your camera was lost. Press Stop, then Start."
        st.warning(track.end_reason or lost)
    elif track.elapsed_s is None:
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
        if mask_alert_wanted():
            st.html(_mask_alert(track, track.elapsed_s))
        if track.problem:
            st.warning(track.problem)
        if track.result is not None:
            st.html(readout_html(track.result.faces, track.stats()))


def _mask_alert(track: LiveTrack, now_s: float) -> str:
    rows = track.table.rows(since_s=now_s - 3 * UNMASKED_S)
    masks_known = MASK.name in names(track.settings.analysis)
    return mask_alert_html(unmasked_tracks(rows, now_s), masks_known=masks_known)


def _connecting_s() -> float:
    """Seconds since this page began to wait for the stream's first frame."""
    now_s = time.monotonic()
    return now_s - float(st.session_state.setdefault(CONNECTING, now_s))
