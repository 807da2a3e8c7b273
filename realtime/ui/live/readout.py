"""The live page's readout beside the picture: results twice a second, or the connection's state."""

from __future__ import annotations

import time

import streamlit as st

from realtime.attribute.registry import MASK, names
from realtime.live.live_track import LOST_S, LiveTrack
from realtime.live.timeline import UNMASKED_S, unmasked_tracks
from realtime.live.webrtc import LiveStream
from realtime.ui.live import pending_clicks
from realtime.ui.live.controls import mask_alert_enabled
from realtime.ui.live.faces import readout_html
from realtime.ui.live.mask_alert import mask_alert_html
from realtime.ui.live.waiting import NOTICES
from realtime.ui.persistent_controls import PersistentControls

REFRESH_S = 0.5
INTERRUPTED = "The stream was interrupted. If it does not restart by itself, press Start."
SLOW_S = 10.0  # a connection that succeeds takes a second at most
CONNECTING_SINCE = "live-connecting-since"

WELCOME = """
#### Press Start and allow the camera

See masks and expressions on every face, live.

Frames are discarded immediately. Nothing is saved unless you press Snapshot or Record.
"""


def live_readout(live: LiveStream) -> None:
    """Show the current results, refreshed while there is a stream."""
    running = live.playing or live.connecting
    st.fragment(_readout, run_every=REFRESH_S if running else None)(live)


def _readout(live: LiveStream) -> None:
    """Show the latest results of the stream's thread, without waiting for it."""
    rerun_due = pending_clicks.rerun_due()
    if live.outdated or PersistentControls("live").changed() or rerun_due:
        st.rerun()
    track = live.track
    if track.elapsed_s is not None or not (live.playing or live.connecting):
        st.session_state.pop(CONNECTING_SINCE, None)
    if not (live.playing or live.connecting):
        if track.broke_off_s is not None:
            st.warning(INTERRUPTED)
        st.markdown(WELCOME)
    elif track.ended:
        lost = "Connection to your camera lost. Press Stop, then Start."
        st.warning(track.end_reason or lost)
    elif track.elapsed_s is None:
        if _connecting_s() >= SLOW_S:
            st.warning("Connecting takes longer than expected. Reload this page, then press Start.")
        elif track.ready:
            st.info("Connecting your camera…")
        else:
            st.info("Loading models…")
    elif track.silent_s() > LOST_S:
        st.warning(
            f"No frames from your camera for {track.silent_s():.0f} s. If this continues, press "
            "Stop, then Start."
        )
    else:
        if mask_alert_enabled():
            st.html(_mask_alert(track, track.elapsed_s))
        if track.problem:
            st.warning(track.problem)
        if track.load in NOTICES:
            st.caption(NOTICES[track.load])
        if track.result is not None:
            st.html(readout_html(track.result.faces, track.stats()))


def _mask_alert(track: LiveTrack, now_s: float) -> str:
    rows = track.table.rows(since_s=now_s - 3 * UNMASKED_S)
    masks_known = MASK.name in names(track.settings.analysis)
    return mask_alert_html(unmasked_tracks(rows, now_s), masks_known=masks_known)


def _connecting_s() -> float:
    """Seconds for which this page has been waiting for the stream's first frame."""
    now_s = time.monotonic()
    return now_s - float(st.session_state.setdefault(CONNECTING_SINCE, now_s))
