"""The floor for a page's first paint: a Streamlit page with nothing but a title."""

import streamlit as st

st.title("Bare")
