"""Why there is no picture, in a plain sentence, and the way back.

Only the browser knows: whether the page may ask for a camera, whether the user let it, whether
there is one, whether the stream broke off. streamlit-webrtc shows the bare name of the browser's
error, or nothing; this component reads the same facts twice a second, says them in words and hides
that error. It works without the server, which may be what was lost.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

SENTENCES = {
    "insecure": (
        "Your browser gives cameras only to secure pages. Open this page over https, or on the "
        "server itself at http://localhost."
    ),
    "denied": (
        "This page may not use your camera. Click the camera or lock symbol beside the address, "
        "allow the camera, then press Start again."
    ),
    "missing": "No camera was found. Connect one, then press Start again.",
    "voiceless": (
        "No microphone was found. Connect one, or turn “Record sound” off, then press Start again."
    ),
    "muted": (
        "This page may not use your microphone. Allow it beside the address, or turn “Record "
        "sound” off, then press Start again."
    ),
    "busy": (
        "The camera gives no picture: another program may be using it. Close that program, then "
        "press Start again."
    ),
    "unfit": (
        "The camera you chose does not answer. Press “Choose camera”, pick another, then press "
        "Start again."
    ),
    "lost": "The connection was lost. Press Start to connect again.",
    "unreachable": (
        "Your browser and the server found no way to each other. Press Start to try again. If they "
        "are in different networks, the server needs a TURN server in its settings."
    ),
    "other": "The stream could not start. Press Start to try again. Your browser says: ",
}

_HTML = '<div id="notice" role="alert" hidden></div>'
_CSS = """
#notice {
  padding: 0.75rem 1rem; border-radius: 0.5rem; line-height: 1.45;
  border-left: 4px solid #d55e00; color: var(--st-text-color);
  background: var(--st-secondary-background-color);
}
"""
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


@cache
def _component() -> Any:
    return st.components.v2.component("camera_notice", html=_HTML, css=_CSS, js=_JS)


def camera_notice() -> None:
    """Keep a place on the page where what is wrong with the camera is said, if anything is."""
    _component()(key="camera-notice", data=SENTENCES)
