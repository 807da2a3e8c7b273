"""Moving the video to a time: on a click on a chart, or on a moment."""

from __future__ import annotations

import copy
import time
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

PARAMETER = "at"  # the charts' selection
_REQUEST = "video-seek"  # session state: time in the video, and an id
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def seek(at_s: float) -> None:
    """Move the video to this time when the page has run."""
    st.session_state[_REQUEST] = {"at_s": at_s, "request": time.time_ns() // 1_000_000}


def send_seek() -> None:
    """Send the latest request to the browser, which follows it once."""
    mount = st.components.v2.component("video_seek", js=_JS)
    mount(key="video-seek-sent", data=st.session_state.get(_REQUEST, {"request": 0}), height=0)


def seekable_chart(spec: dict[str, Any], key: str, end_s: float) -> None:
    """Show a chart over `time_s`, on which a click moves the video there.

    Args:
        spec: one mark with its encoding and data, as in `realtime.ui.charts`.
        key: unique on the page.
        end_s: end of the time axis.
    """
    spec = copy.deepcopy(spec)
    # Without data at first, Vega would warn of an infinite extent.
    spec["encoding"]["x"]["scale"] |= {"domain": [0, end_s]}
    chart = {name: spec.pop(name) for name in ("mark", "encoding")}
    shown = {"param": PARAMETER, "empty": False, "value": 1}
    line = {
        "mark": {"type": "rule", "color": "gray", "size": 2},
        "encoding": {
            "x": chart["encoding"]["x"],
            "opacity": {"condition": shown, "value": 0},
        },
        "params": [
            {
                "name": PARAMETER,
                "select": {
                    "type": "point",
                    "on": "click",
                    "nearest": True,
                    "encodings": ["x"],
                    "toggle": False,
                },
            }
        ],
    }
    st.vega_lite_chart(
        {**spec, "layer": [chart, line]},
        width="stretch",
        key=key,
        on_select=partial(_clicked, key),
        selection_mode=PARAMETER,
    )


def _clicked(key: str) -> None:
    selected = st.session_state[key]["selection"].get(PARAMETER)
    if selected:
        seek(float(selected[0]["time_s"]))
