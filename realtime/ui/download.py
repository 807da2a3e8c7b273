"""Files that are made when a button is pressed, and given to the browser at once.

Streamlit's own download button can do that too, but what it makes then belongs to no page: the
next but one refresh of anybody's page deletes it, and a live page refreshes twice a second. Here
the file goes to the page as data of a component, and leaves the server's memory once it is there.
"""

from __future__ import annotations

import time
import uuid
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from realtime.core.errors import FaceStreamError

KEPT_S = 60.0  # the page's word that it has the file may be lost
MAX_BYTES = 100_000_000  # what goes to a page at once; Streamlit's own limit is 200 MB as base64
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True, eq=False)
class NewFile:
    """A file that can be made.

    Attributes:
        label: the button's words; no other button of the same key has them.
        make: gives its bytes.
        name: what it is called on the user's disk.
        mime: its type.
        about: the button's help.
        disabled: whether there is nothing to make.
    """

    label: str
    make: Callable[[], bytes]
    name: str
    mime: str
    about: str
    disabled: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    id: str
    name: str
    mime: str
    data: bytes
    made_s: float


def file_button(key: str, file: NewFile, *, wide: bool = False) -> None:
    """A button that makes the file; `given_file` with the same key has to follow it.

    Args:
        key: of the buttons that share one place for what they made.
        file: what is made.
        wide: whether the button fills its place.
    """
    st.button(
        file.label,
        key=f"{key}-{file.label}",
        on_click=partial(_make, key, file),
        icon=":material/download:",
        help=file.about,
        disabled=file.disabled,
        width="stretch" if wide else "content",
    )


def given_file(key: str) -> None:
    """Give the browser what a button of this key made; too large a file gets a second button."""
    made: _Made | None = st.session_state.get(_kept(key))
    data = {"id": ""}
    if made is not None and len(made.data) > MAX_BYTES:
        _save_button(key, made)
    elif made is not None and time.monotonic() - made.made_s > KEPT_S:
        st.session_state.pop(_kept(key))
    elif made is not None:
        text = b64encode(made.data).decode()
        data = {"id": made.id, "name": made.name, "mime": made.mime, "base64": text}
    mount = st.components.v2.component("give_file", js=_JS)
    mount(key=f"{key}-given", data=data, on_given_change=partial(_forget, key), height="content")


def forget_file(key: str) -> None:
    """Keep nothing of what a button of this key made."""
    st.session_state.pop(_kept(key), None)


def _save_button(key: str, made: _Made) -> None:
    st.download_button(
        f"Save {made.name} ({len(made.data) / 1e6:.0f} MB)",
        made.data,
        made.name,
        made.mime,
        key=f"{key}-large",
        on_click="ignore",
        icon=":material/save:",
        type="primary",
        help="The file is ready on the server.",
    )


def _make(key: str, file: NewFile) -> None:
    try:
        data = file.make()
    except FaceStreamError as error:
        st.toast(str(error), icon=":material/error:")
        return
    id_ = uuid.uuid4().hex
    st.session_state[_kept(key)] = _Made(id_, file.name, file.mime, data, time.monotonic())


def _forget(key: str) -> None:
    made: _Made | None = st.session_state.get(_kept(key))
    if made is not None and made.id == st.session_state[f"{key}-given"].given:
        st.session_state.pop(_kept(key))


def _kept(key: str) -> str:
    return f"{key}-made"
