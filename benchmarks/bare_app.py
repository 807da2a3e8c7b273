"""The baseline for first paint: a Streamlit page with only a title."""

import streamlit as st

st.title("Bare")
