"""The live page: the analysed webcam picture and its readout."""

from __future__ import annotations

from functools import partial

import streamlit as st

from realtime.config import ConfigError
from realtime.live.webrtc import StreamStartError, live_stream, place_in_queue, stream_runs
from realtime.ui.live.camera_notice import camera_notice
from realtime.ui.live.capture_choice import capture_controls
from realtime.ui.live.controls import live_controls
from realtime.ui.live.delay_report import delay_report
from realtime.ui.live.events import event_tools
from realtime.ui.live.export import export_tools
from realtime.ui.live.overlay import overlay
from realtime.ui.live.readout import live_readout
from realtime.ui.live.recording import recording_tools
from realtime.ui.live.snapshot import snapshot_tools
from realtime.ui.live.timelines import REFRESH_S, live_timelines
from realtime.ui.live.waiting import waiting_notice
from realtime.ui.persistent_controls import PersistentControls
from realtime.ui.style import page_style

STREAM = "live"


def page() -> None:
    """Show picture and readout side by side and, below, settings, charts or export."""
    page_style()
    st.title("Live")
    camera_notice()
    picture, beside = st.columns([3, 2], gap="medium")
    controls, minute, export = st.tabs(
        ["Settings", "Last minute", "Export"], key="live-view", on_change="rerun"
    )
    PersistentControls("live").store("view")
    with controls:
        settings = live_controls()
    with picture:
        stream = st.container()
        capture = capture_controls(lambda facing: stream_runs(STREAM, facing))
        with stream:
            try:
                ask = partial(place_in_queue, STREAM, capture.facing)
                if ask():
                    waiting_notice(ask)
                    return
                live = live_stream(STREAM, settings, capture)
            except ConfigError as error:
                st.error(f"The stream cannot start: {error} Fix it and reload this page.")
                return
            except StreamStartError as error:
                st.error(str(error))
                return
        snapshot, recording = st.columns(2, gap="small")
        with snapshot:
            st.fragment(snapshot_tools)(live)
        with recording:
            recording_tools(live, sound=capture.sound)
    running = live.playing or live.connecting
    with beside:
        readout = st.container()
        event_tools(live)
    if minute.open:
        with minute:
            st.fragment(live_timelines, run_every=REFRESH_S if running else None)(live.track)
    if export.open:
        with export:
            export_tools(live.track.table, running=running)
    delay_report(live)
    overlay(live)  # at the end: it has no height, but a gap above it
    # Last: it may rerun the page, and Streamlit then discards the controls that are yet to come.
    with readout:
        live_readout(live)


page()
