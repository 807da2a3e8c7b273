"""What is chosen before Start: which camera, and whether the microphone is heard too."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from realtime.live.capture import Capture
from realtime.ui.persistent_controls import PersistentControls

FACING_WORDS = {"user": "Front", "environment": "Back"}


def capture_controls(runs: Callable[[str], bool]) -> Capture:
    """Show what is chosen before Start, and read it.

    Args:
        runs: whether the stream of the camera that faces that way runs; it keeps what it has.
    """
    kept = PersistentControls("live")
    facing, sound = kept.key("facing", "user"), kept.key("sound", False)
    running = runs(st.session_state[facing])
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        st.segmented_control(
            "Camera",
            list(FACING_WORDS),
            format_func=FACING_WORDS.__getitem__,
            required=True,
            key=facing,
            on_change=_mirror_front_only,
            disabled=running,
            help="A phone's front or back camera: choose before Start. Only the front one is "
            "shown as in a mirror.",
        )
        st.toggle(
            "Record sound",
            key=sound,
            disabled=running,
            help="Choose before Start: your browser then asks for the microphone too, and "
            "recordings have sound. It is kept in recordings only, and never played here.",
        )
    kept.store("facing", "sound")
    return Capture(st.session_state[facing], st.session_state[sound])


def _mirror_front_only() -> None:
    st.session_state["live-mirror"] = st.session_state["live-facing"] == "user"
