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
    preset = matching(values)  # None once the visitor has changed a control of the preset
    key = _key(preset)
    st.segmented_control(
        "Preset",
        list(PRESETS),
        format_func=lambda name: PRESETS[name].title,
        default=preset,
        key=key,
        on_change=_apply,
        args=(key,),
        help="\n".join(f"- *{p.title}:* {p.about}" for p in PRESETS.values()),
    )
    return controls.hiding(
        "Hide every face on the server, before frames are sent back. Frames that cannot be "
        "analysed are hidden entirely."
    )


def _key(preset: str | None) -> str:
    """The key of a control that shows the preset: a new one if the current one shows another.

    If its value were replaced instead, a browser that has not heard of it yet would send the former
    one with its next click, and Streamlit would take that for a choice.
    """
    version = st.session_state.setdefault(f"{_KEY}-version", 0)
    if st.session_state.get(f"{_KEY}-{version}", preset) != preset:
        version = st.session_state[f"{_KEY}-version"] = version + 1
    return f"{_KEY}-{version}"


def _apply(key: str) -> None:
    name = st.session_state[key]
    current = f"{_KEY}-{st.session_state[f'{_KEY}-version']}"
    if key == current and name is not None:  # not a second click on the chosen one
        controls = PersistentControls("live")
        for control, value in PRESETS[name].values.items():
            controls.set(control, value)
