"""The live page's readouts, twice a second: state below the picture, results beside it."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from realtime.attribute.registry import MASK, names
from realtime.live.live_track import LOST_S, LiveTrack
from realtime.live.timeline import UNMASKED_S, unmasked_tracks
from realtime.live.webrtc import LiveStream
from realtime.ui.live import pending_clicks
from realtime.ui.live.controls import mask_alert_enabled, masks_coloured
from realtime.ui.live.faces import readout_html, stats_html, status_html
from realtime.ui.live.mask_alert import mask_alert_html
from realtime.ui.live.waiting import NOTICES
from realtime.ui.persistent_controls import PersistentControls

REFRESH_S = 0.5
INTERRUPTED = "The stream was interrupted. If it does not restart by itself, press Start."
SLOW_S = 10.0  # a connection that succeeds takes a second at most
CONNECTING_SINCE = "live-connecting-since"
_WAS_RUNNING = "live-was-running"

PRIVACY = "Frames are discarded immediately. Nothing is saved unless you press Snapshot or Record."
WELCOME = """
#### Press Start and allow the camera

See masks and expressions on every face, live. Without a camera, try the sample.
"""


@dataclass(slots=True)
class _PageRun:
    """The run of the page that showed the status, and whether it was already over."""

    over: bool = False


def live_status(live: LiveStream) -> None:
    """Show a line below the picture, or why there is none, refreshed while there is a stream."""
    running = _running(live)
    if st.session_state.get(_WAS_RUNNING) and not running:
        pending_clicks.record()
    st.session_state[_WAS_RUNNING] = running
    refresh = running or pending_clicks.pending()
    st.fragment(_status, run_every=REFRESH_S if refresh else None)(live, _PageRun())


def live_results(live: LiveStream) -> None:
    """Show the current results beside the picture, refreshed while there is a stream."""
    st.fragment(_results, run_every=REFRESH_S if _running(live) else None)(live)


def _running(live: LiveStream) -> bool:
    return live.playing or live.connecting


def _status(live: LiveStream, run: _PageRun) -> None:
    """Show the state of the stream's thread, without waiting for it."""
    # Not while the page runs: Streamlit would discard the controls that are yet to come.
    if run.over:
        rerun_due = pending_clicks.rerun_due()
        if live.outdated or PersistentControls("live").changed() or rerun_due:
            st.rerun()
    run.over = True
    track = live.track
    if track.elapsed_s is not None or not _running(live):
        st.session_state.pop(CONNECTING_SINCE, None)
    if not _running(live):
        if track.broke_off_s is not None:
            st.warning(INTERRUPTED)
        st.html(status_html(PRIVACY))
    elif track.ended:
        lost = "Connection to your camera lost. Press Stop, then Start."
        st.warning(track.end_reason or lost)
    elif track.elapsed_s is None:
        if _connecting_s() >= SLOW_S:
            st.warning("Connecting takes longer than expected. Reload this page, then press Start.")
        else:
            text = "Connecting your camera…" if track.ready else "Loading models…"
            st.html(status_html(text))
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
        faces = None if track.result is None else len(track.result.faces)
        st.html(stats_html(faces, track.stats(), NOTICES.get(track.load, "")))


def _results(live: LiveStream) -> None:
    """Show the latest results of the stream's thread, without waiting for it."""
    track = live.track
    if not _running(live):
        st.markdown(WELCOME)
    elif track.result is not None and not track.ended and track.silent_s() <= LOST_S:
        st.html(readout_html(track.result.faces, masks=masks_coloured()))


def _mask_alert(track: LiveTrack, now_s: float) -> str:
    rows = track.table.rows(since_s=now_s - 3 * UNMASKED_S)
    masks_known = MASK.name in names(track.settings.analysis)
    return mask_alert_html(unmasked_tracks(rows, now_s), masks_known=masks_known)


def _connecting_s() -> float:
    """Seconds for which this page has been waiting for the stream's first frame."""
    now_s = time.monotonic()
    return now_s - float(st.session_state.setdefault(CONNECTING_SINCE, now_s))
