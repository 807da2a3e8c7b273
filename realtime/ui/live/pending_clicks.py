"""Clicks whose effect may not be on the page yet.

While another fragment's timer runs, a browser with Streamlit 1.60 may lose what a fragment showed
after a click, or keep what it no longer shows (streamlit issue 16708): a recording would then run
without its indicator, or remain on the page after “Discard”. The readout, which refreshes twice a
second, therefore reruns the whole page twice after each click, also on Stop.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

DELAYS_S = (0.4, 1.4)  # the first rerun may be lost too if the server is busy
_STATE_KEY = "live-pending-clicks"


def recorded(action: Callable[[], None]) -> Callable[[], None]:
    """Wrap the callback of a button so that the page reruns after its click."""

    def on_click() -> None:
        action()
        record()

    return on_click


def record() -> None:
    """Have the page rerun after a click."""
    now_s = time.monotonic()
    st.session_state[_STATE_KEY] = [now_s + delay_s for delay_s in DELAYS_S]


def pending() -> bool:
    """Whether reruns are still to come."""
    return bool(st.session_state.get(_STATE_KEY))


def rerun_due() -> bool:
    """Whether the page must rerun now because of an earlier click; each rerun is due once."""
    due_s: list[float] = st.session_state.get(_STATE_KEY, [])
    later = [t for t in due_s if t > time.monotonic()]
    st.session_state[_STATE_KEY] = later
    return len(later) < len(due_s)
