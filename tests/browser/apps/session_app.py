"""A page that holds an object in its session and notes in a file when that is freed."""

import os
import weakref
from pathlib import Path

import streamlit as st

from realtime.ui import session_end

NOTES = Path(os.environ["NOTES"])


class Held:
    """Stands for a visitor's photos."""


def note(text: str) -> None:
    """Append a line to the notes."""
    with NOTES.open("a") as file:
        file.write(f"{text}\n")


def hold() -> None:
    """Put an object into the session; no variable of the script may refer to it."""
    held = Held()
    st.session_state["held"] = held
    weakref.finalize(held, note, "freed")
    session_end.at_session_end("note", lambda: note("ended"))
    note("held")


session_end.install_session_end(float(os.environ["GRACE_S"]))
if "held" not in st.session_state:
    hold()
st.text_input("Name")
st.write("ready")
