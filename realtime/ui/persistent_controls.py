"""Controls whose values are kept while another page is shown, which Streamlit forgets."""

from __future__ import annotations

from typing import Any

import streamlit as st

from realtime.core.settings import Hiding

SHOWN = "No"
HIDINGS: dict[str, Hiding | None] = {
    SHOWN: None,
    "Blur": Hiding.BLUR,
    "Pixelate": Hiding.PIXELATE,
}


class KeptControls:
    """The values of one page's controls.

    Args:
        page: a name that no other page uses.
    """

    def __init__(self, page: str) -> None:
        self._page = page
        self._values: dict[str, Any] = st.session_state.setdefault(f"{page}-kept", {})

    def key(self, name: str, default: Any) -> str:
        """The key for a control that starts with what was chosen last, or with the default."""
        key = f"{self._page}-{name}"
        if key not in st.session_state:
            st.session_state[key] = self._values.get(name, default)
        return key

    def remember(self, *names: str) -> None:
        """Keep a copy of what the controls of these names say."""
        for name in names:
            self._values[name] = st.session_state[f"{self._page}-{name}"]

    def changed(self) -> bool:
        """Whether a control says something else by now than when the page last ran.

        Streamlit 1.60 may forget to run the page after a change if the timer of a part of it
        strikes at that moment: the value is there, but nobody has looked at it.
        """
        kept = self._values.items()
        return any(st.session_state.get(f"{self._page}-{n}", v) != v for n, v in kept)

    def toggle(self, name: str, label: str, default: bool, help_text: str) -> bool:
        """A switch."""
        value = st.toggle(label, key=self.key(name, default), help=help_text)
        self.remember(name)
        return value

    def choice(
        self, name: str, label: str, titles: dict[str, str], default: str, help_text: str
    ) -> str:
        """A choice among the keys of `titles`, shown by their values."""
        value = st.selectbox(
            label,
            list(titles),
            format_func=lambda key: titles[key],
            key=self.key(name, default),
            help=help_text,
        )
        self.remember(name)
        return value

    def hiding(self, help_text: str) -> Hiding | None:
        """Whether and how faces are hidden."""
        value = st.segmented_control(
            "Hide faces",
            list(HIDINGS),
            key=self.key("hiding", SHOWN),
            help=help_text,
            required=True,
        )
        self.remember("hiding")
        return HIDINGS[str(value)]

    def share(self, name: str, label: str, default: float, help_text: str) -> float:
        """A slider from 0.05 to 0.95."""
        value = st.slider(label, 0.05, 0.95, step=0.01, key=self.key(name, default), help=help_text)
        self.remember(name)
        return value
