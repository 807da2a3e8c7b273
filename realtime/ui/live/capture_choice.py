"""Choices made before Start: the camera, and whether to record sound."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from realtime.live.capture import Capture
from realtime.ui.persistent_controls import PersistentControls

FACING_LABELS = {"user": "Front", "environment": "Back"}


def capture_controls(stream_runs: Callable[[str], bool]) -> Capture:
    """Show the controls and read them; they are disabled while the stream runs.

    Args:
        stream_runs: whether the stream of the camera facing that way runs.
    """
    controls = PersistentControls("live")
    facing, sound = controls.key("facing", "user"), controls.key("sound", False)
    running = stream_runs(st.session_state[facing])
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        st.segmented_control(
            "Camera",
            list(FACING_LABELS),
            format_func=FACING_LABELS.__getitem__,
            required=True,
            key=facing,
            on_change=_mirror_front_camera,
            disabled=running,
            help="Choose a phone's front or back camera before Start. Only the front camera is "
            "mirrored.",
        )
        st.toggle(
            "Record sound",
            key=sound,
            disabled=running,
            help="Turn on before Start; your browser then also asks for the microphone. Sound is "
            "used in recordings only, never played here.",
        )
    controls.store("facing", "sound")
    return Capture(st.session_state[facing], st.session_state[sound])


def _mirror_front_camera() -> None:
    st.session_state["live-mirror"] = st.session_state["live-facing"] == "user"
