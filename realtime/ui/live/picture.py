"""The picture area: always 4:3, with a sample result in it until the visitor's own picture."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from realtime.ui.files import SAMPLE_RESULT, file_path

KEY = "live-picture"
CAPTION = "Sample"
_CSS = Path(__file__).with_name("picture.css").read_text(encoding="utf-8")


def picture_area() -> DeltaGenerator:
    """Show the sample; return the container for the stream, which lies over it.

    connection.js notes the stream's phase on the container, and the style shows the sample until it
    plays.
    """
    st.html(f"<style>{_CSS}</style>")
    area = st.container(key=KEY)
    area.html(
        f'<div class="fs-sample"><video src="{file_path(SAMPLE_RESULT)}" muted autoplay loop '
        f'playsinline preload="auto" aria-label="Sample: two faces with boxes and labels"></video>'
        f"<span>{CAPTION}</span></div>"
    )
    return area
