"""The few rules of style that Streamlit's theme has no name for."""

import streamlit as st

# The stream's frame keeps the place of a 4:3 picture and its buttons from the start, so that
# nothing on the page jumps when the picture comes.
_STYLE = """
<style>
.stMainBlockContainer { padding-top: 4.5rem; padding-bottom: 2rem }
.stMainBlockContainer h1 { font-size: 1.75rem; padding: 0 0 .5rem }
.stElementContainer:has(iframe[title*="webrtc"]) { container-type: inline-size }
iframe[title*="webrtc"] { min-height: calc(75cqw + 74px) }
</style>
"""


def page_style() -> None:
    """Apply them to this page."""
    st.html(_STYLE)
