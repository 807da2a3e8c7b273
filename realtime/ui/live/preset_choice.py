"""The choice of a preset, and of what most people change: whether faces are hidden."""

from __future__ import annotations

import streamlit as st

from realtime.core.settings import Hiding
from realtime.ui.live.presets import DEFAULT, PRESETS, default, matching
from realtime.ui.persistent_controls import PersistentControls

_KEY = "live-preset"


def preset_choice() -> Hiding | None:
    """Show both choices; return how faces are hidden, None if they are not."""
    controls = PersistentControls("live")
    values = {name: controls.value(name, default(name)) for name in PRESETS[DEFAULT].values}
    # None once the visitor has changed a control of the preset.
    st.session_state[_KEY] = matching(values)
    st.segmented_control(
        "Preset",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].title,
        key=_KEY,
        on_change=_apply,
        help="\n".join(f"- *{p.title}:* {p.about}" for p in PRESETS.values()),
    )
    return controls.hiding(
        "Hide every face on the server, before frames are sent back. Frames that cannot be "
        "analysed are hidden entirely."
    )


def _apply() -> None:
    name = st.session_state[_KEY]
    if name is not None:  # not a second click on the chosen one
        controls = PersistentControls("live")
        for control, value in PRESETS[name].values.items():
            controls.set(control, value)
