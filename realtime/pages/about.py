"""The about page: meaning of the labels, privacy and legal obligations."""

import streamlit as st

from realtime.core.installed import app_file
from realtime.ui.style import page_style

TEXT = app_file("docs/about.md")

page_style()
st.title("About")
st.markdown(TEXT.read_text(encoding="utf-8"))
