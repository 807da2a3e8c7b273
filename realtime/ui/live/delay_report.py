"""How long pictures take from the camera to the screen: browsers report it for the metrics."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from realtime.live.delay import expect_reports
from realtime.live.webrtc import LiveStream
from realtime.ui.live.delay_route import delay_path
from realtime.ui.versioned import versioned

KEY = "live-delay"
_JS = Path(__file__).with_name("delay_report.js").read_text(encoding="utf-8")


@cache
def _component() -> Any:
    return st.components.v2.component("delay_report", html="<div></div>", js=_JS)


def delay_report(live: LiveStream) -> None:
    """Let the page report its stream's delay; takes no room on the page."""
    token = live.track.browser_drawing.channel.token
    expect_reports(token, live.track)
    _component()(key=KEY, data=versioned(KEY, {"url": delay_path(), "token": token}))
