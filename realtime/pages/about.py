"""The page that says what the labels mean, what happens to pictures and what the law asks."""

from pathlib import Path

import streamlit as st

TEXT = Path(__file__).resolve().parents[2] / "docs" / "about.md"

st.title("About")
st.markdown(TEXT.read_text(encoding="utf-8"))
