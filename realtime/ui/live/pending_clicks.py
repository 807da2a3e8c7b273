"""Clicks whose effect is not on the page yet.

Streamlit 1.60 runs a button's callback, but may skip the rerun of its fragment if the click
coincides with the timer of another fragment. A recording would then run without its indicator. The
readout, which refreshes twice a second, reruns the whole page if any click is pending.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_STATE_KEY = "live-pending-clicks"


def recorded(fragment: str, action: Callable[[], None]) -> Callable[[], None]:
    """Wrap the callback of a button in that fragment so that its click is pending afterwards."""

    def on_click() -> None:
        action()
        _pending().add(fragment)

    return on_click


def rendered(fragment: str) -> None:
    """Clear the pending clicks of that fragment; call it whenever the fragment runs."""
    _pending().discard(fragment)


def any_pending() -> bool:
    """Whether a fragment has not run since one of its buttons was clicked."""
    return bool(_pending())


def _pending() -> set[str]:
    pending: set[str] = st.session_state.setdefault(_STATE_KEY, set())
    return pending
