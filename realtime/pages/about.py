"""The page that says what the labels mean, what happens to pictures and what the law asks."""

from pathlib import Path

import streamlit as st

from realtime.ui.style import page_style

TEXT = Path(__file__).resolve().parents[2] / "docs" / "about.md"

page_style()
st.title("About")
st.markdown(TEXT.read_text(encoding="utf-8"))
