"""The live page: the analysed webcam picture, and beside it results and settings."""

from __future__ import annotations

from functools import partial

import streamlit as st

from realtime.config import ConfigError
from realtime.live.webrtc import (
    LiveStream,
    StreamStartError,
    live_stream,
    place_in_queue,
    stream_runs,
)
from realtime.ui.live.camera_notice import camera_notice
from realtime.ui.live.controls import live_controls
from realtime.ui.live.delay_report import delay_report
from realtime.ui.live.events import event_tools
from realtime.ui.live.export import export_tools
from realtime.ui.live.overlay import overlay
from realtime.ui.live.picture import picture_area
from realtime.ui.live.picture_tools import picture_tools
from realtime.ui.live.preset_choice import preset_choice
from realtime.ui.live.readout import live_results, live_status
from realtime.ui.live.recording import recording_tools
from realtime.ui.live.snapshot import snapshot_tools
from realtime.ui.live.source import source_controls
from realtime.ui.live.timelines import REFRESH_S, live_timelines
from realtime.ui.live.waiting import waiting_notice
from realtime.ui.persistent_controls import PersistentControls
from realtime.ui.style import page_style

STREAM = "live"
TABS = ("Results", "Settings", "Last minute", "Events", "Export")
PROMISE = "Masks and expressions of every face in your camera picture, in real time."


def page() -> None:
    """Show the picture and, beside it, presets and a drawer with results and settings."""
    page_style()
    st.title("Live face analysis")
    st.markdown(PROMISE)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        picture = picture_area()
        # With an element in it, the container takes its place at once.
        status, tools = st.container(key="live-status").empty(), st.container()
    with right:
        hiding = preset_choice()
        tabs = st.tabs(TABS, key="live-view", on_change="rerun")
        PersistentControls("live").store("view")
        results, drawer, minute, events, export = tabs
        with drawer:
            settings = live_controls(hiding, shown=bool(drawer.open))
    with tools:
        pictures = st.container()
        capture = source_controls(running=stream_runs(STREAM))
    with picture:
        camera_notice()
        picture_tools()
    with status.container():
        try:
            ask = partial(place_in_queue, STREAM)
            if ask():
                waiting_notice(ask)
                return
            with picture:
                live = live_stream(STREAM, settings, capture)
        except ConfigError as error:
            st.error(f"The stream cannot start: {error} Fix it and reload this page.")
            return
        except StreamStartError as error:
            st.error(str(error))
            return
        live_status(live)
    with pictures:
        _picture_files(live, sound=capture.sound)
    running = live.playing or live.connecting
    with events:
        event_tools(live, shown=bool(events.open))
    if results.open:
        with results:
            live_results(live)
    if minute.open:
        with minute:
            st.fragment(live_timelines, run_every=REFRESH_S if running else None)(live.track)
    if export.open:
        with export:
            export_tools(live.track.table, running=running)
    delay_report(live)
    overlay(live)  # last: it has no height, but a gap above it


def _picture_files(live: LiveStream, *, sound: bool) -> None:
    row = st.container(horizontal=True, gap="small")  # side by side on a phone too
    with row.container(width="stretch"):
        st.fragment(snapshot_tools)(live)
    with row.container(width="stretch"):
        recording_tools(live, sound=sound)


page()
