"""Draws faces in the browser, over the camera's own picture, by the results that the server sends.

streamlit-webrtc shows the picture that the server sends back. While the browser draws, there is
none: this component lays the camera's picture over that place, and a canvas over the picture. If
the results stop, the server draws again, and its picture appears.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from realtime.live.webrtc import LiveStream
from realtime.ui.live.result_socket import results_path
from realtime.ui.versioned import versioned

KEY = "live-overlay"
_FILES = ("place_labels.js", "draw_overlay.js", "overlay.js")
_JS = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in _FILES)


@cache
def _component() -> Any:
    return st.components.v2.component("overlay", html="<div></div>", js=_JS)


@cache
def _font_url() -> str:
    """Where Streamlit serves the typeface of the pages; empty if it was not found."""
    from realtime.render.glyphs import font_path  # with OpenCV, which starts slowly

    path, base = font_path(), str(st.get_option("server.baseUrlPath")).strip("/")
    return "" if path is None else f"{'/' + base if base else ''}/static/media/{path.name}"


def overlay(live: LiveStream) -> None:
    """Let the browser draw, if the viewer's settings ask for it; takes no room on the page."""
    track = live.track
    token = track.browser_drawing.channel.token if track.settings.overlay else ""
    data = {"token": token, "path": results_path(), "font": _font_url()}
    _component()(key=KEY, data=versioned(KEY, data))
