"""A message on why the camera or the connection does not work, and what to do about it.

Only the browser knows: whether the page is allowed to ask for a camera, whether the user permitted
it, whether there is one, and whether the connection broke. streamlit-webrtc shows the bare name of
the browser's error, or nothing. This component checks the same facts four times a second, shows a
message and hides that error. It needs no server, which may be what was lost. When the server is
back it presses Start, which sends a fresh offer with the same settings.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

# How long a lost stream restarts by itself. Streamlit keeps the session, and with it the settings,
# for a minute after the browser has gone; longer cuts start with the default settings.
RECONNECT_S = 120.0
MESSAGES = {
    "insecure": (
        "The camera needs HTTPS or localhost. Open this page over https, or on the server itself "
        "at http://localhost."
    ),
    "denied": (
        "Camera access is blocked. Click the camera or lock icon in the address bar, allow the "
        "camera, then press Start again."
    ),
    "missing": "No camera found. Connect one, then press Start again.",
    "unplugged": "The camera was disconnected. Connect it again, then press Start.",
    "microphone_missing": (
        "No microphone found. Connect one or turn off “Record sound”, then press Start again."
    ),
    "microphone_denied": (
        "Microphone access is blocked. Allow it in the address bar or turn off “Record sound”, "
        "then press Start again."
    ),
    "busy": (
        "The camera cannot be opened. Close other programs that use it, then press Start again."
    ),
    "unavailable": (
        "The selected camera is unavailable. Choose another one under “Source”, then press Start "
        "again."
    ),
    "screen_denied": ("The screen is not shared. Press Start again and choose a screen or window."),
    "interrupted": (
        "Connection interrupted. The stream continues by itself when the network is back."
    ),
    "reconnecting": "Connection lost. The stream restarts by itself when the network is back.",
    "lost": "Connection lost. Press Start to reconnect.",
    "unreachable": (
        "The connection to the server failed. Press Start to try again. Across different networks, "
        "the server needs a TURN server in its settings."
    ),
    "other": "The stream could not start. Press Start to try again. Browser error: ",
}

_HTML = '<div id="notice" role="alert" hidden></div>'
_CSS = """
#notice {
  position: absolute; z-index: 4; top: 0.6rem; left: 0.6rem; right: 0.6rem;
  padding: 0.75rem 1rem; border-radius: 0.5rem; line-height: 1.45;
  border-left: 4px solid #d55e00; color: var(--st-text-color);
  background: var(--st-secondary-background-color);
}
"""
_FILES = ("peer_patience.js", "connection.js", "camera_notice.js")
_JS = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _FILES)


@cache
def _component() -> Any:
    return st.components.v2.component("camera_notice", html=_HTML, css=_CSS, js=_JS)


def camera_notice() -> None:
    """Show the message over the top of the picture, in whose container it belongs."""
    base = str(st.get_option("server.baseUrlPath")).strip("/")
    health = f"{f'/{base}' if base else ''}/_stcore/health"
    data = {"messages": MESSAGES, "health": health, "reconnect_s": RECONNECT_S}
    _component()(key="camera-notice", data=data)
