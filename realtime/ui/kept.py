"""The live page's choices outlive a visit to another page.

Streamlit forgets a control's value while another page is shown, so a copy is kept.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

_KEPT = "live-settings"


def keep(name: str, default: Any) -> str:
    """The key of a control of that name, whose value is there from now on."""
    key = f"live-{name}"
    if key not in st.session_state:
        st.session_state[key] = st.session_state.get(_KEPT, {}).get(name, default)
    return key


def remember(*names: str) -> None:
    """Keep a copy of what these controls say."""
    kept = st.session_state.setdefault(_KEPT, {})
    for name in names:
        kept[name] = st.session_state[f"live-{name}"]
