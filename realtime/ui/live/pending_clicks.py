"""Presses whose effect is still to be shown.

Streamlit 1.60 does what a press asks for, but may forget to run the part of the page that shows it
if the timer of another part strikes at that moment. A recording would run without its sign: the
read-out, which looks twice a second, has the whole page run then.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

_KEPT = "live-presses"


def noted(part: str, action: Callable[[], None]) -> Callable[[], None]:
    """The action, for a button of that part of the page, noting that it was done."""

    def press() -> None:
        action()
        _waiting().add(part)

    return press


def shown(part: str) -> None:
    """That part of the page is being run."""
    _waiting().discard(part)


def forgotten() -> bool:
    """Whether a part was not run since one of its buttons was pressed."""
    return bool(_waiting())


def _waiting() -> set[str]:
    kept: set[str] = st.session_state.setdefault(_KEPT, set())
    return kept
