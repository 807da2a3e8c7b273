"""What a viewer sees who has to wait, or whose stream is degraded, because the machine is full."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from realtime.engine.degradation import Load

ASK_EVERY_S = 1.0
_FEWER = "Server busy: fewer analyses per second"
NOTICES = {
    Load.FEWER_ANALYSES: f"{_FEWER}.",
    Load.LESS_DETAIL: f"{_FEWER}, no mesh.",
    Load.HALF_THE_PICTURES: f"{_FEWER}, lower frame rate.",
    Load.A_THIRD_OF_THE_PICTURES: f"{_FEWER}, lower frame rate.",
}


def waiting_text(place: int) -> str:
    """What to tell the viewer at this place in the queue, from 1."""
    ahead = "You are next." if place == 1 else f"You are number {place} in the queue."
    return f"All places are taken. {ahead} Keep this page open; Start appears when it is your turn."


def waiting_notice(ask: Callable[[], int]) -> None:
    """Show the viewer's place in the queue until it is their turn.

    Args:
        ask: returns the place; 0: it is their turn.
    """
    st.fragment(_notice, run_every=ASK_EVERY_S)(ask)


def _notice(ask: Callable[[], int]) -> None:
    place = ask()
    if place == 0:
        st.rerun()
    st.info(waiting_text(place))
