"""Controls that keep their values while another page is shown; Streamlit discards them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from realtime.core.settings import Hiding

NO_HIDING = "Off"
HIDING_OPTIONS: dict[str, Hiding | None] = {
    NO_HIDING: None,
    "Blur": Hiding.BLUR,
    "Pixelate": Hiding.PIXELATE,
}


class PersistentControls:
    """The controls of one page, with their values stored in the session.

    Each control gets its value as its default, too: if a second click interrupts the run that shows
    a control for the first time, the browser never hears of the value in the session state.

    Args:
        page: name of the page; prefix of the controls' keys.
        shown: whether controls are shown; otherwise they only return their values.

    Attributes:
        shown: see above.
    """

    def __init__(self, page: str, *, shown: bool = True) -> None:
        self._page = page
        self.shown = shown
        self._values: dict[str, Any] = st.session_state.setdefault(f"{page}-values", {})

    def key(self, name: str, default: Any) -> str:
        """Return the key for a control, initialised with its stored value or the default."""
        key = f"{self._page}-{name}"
        if key not in st.session_state:
            st.session_state[key] = self._values.get(name, default)
        return key

    def value(self, name: str, default: Any) -> Any:
        """The current value of a control, shown or not; the default before it has one."""
        return st.session_state.get(f"{self._page}-{name}", self._values.get(name, default))

    def _hidden(self, name: str, default: Any) -> Any:
        """The value of a control that is not shown, which leaves the session state.

        Streamlit gives the browser only values that are set in the run that shows the control: one
        that a callback had set before would show its default, and then have it.
        """
        key = f"{self._page}-{name}"
        if key in st.session_state:
            self._values[name] = st.session_state[key]
            del st.session_state[key]
        return self._values.get(name, default)

    def set(self, name: str, value: Any) -> None:
        """Change a control from a callback, whether it is shown or not."""
        self._values[name] = st.session_state[f"{self._page}-{name}"] = value

    def store(self, *names: str) -> None:
        """Store the current values of these controls."""
        for name in names:
            self._values[name] = st.session_state[f"{self._page}-{name}"]

    def changed(self) -> bool:
        """Whether any control has changed since the page last ran.

        Streamlit 1.60 may skip the rerun for a change that coincides with the timer of a
        fragment: the session state then has a value that the page has not used.
        """
        stored = self._values.items()
        return any(st.session_state.get(f"{self._page}-{n}", v) != v for n, v in stored)

    def toggle(
        self, name: str, label: str, default: bool, help_text: str, unavailable: str = ""
    ) -> bool:
        """Show a toggle; one that is off and cannot be used where `unavailable` says why."""
        if unavailable:
            if self.shown:
                key = f"{self._page}-{name}-unavailable"
                st.toggle(label, False, key=key, help=unavailable, disabled=True)
            return False
        if not self.shown:
            return bool(self._hidden(name, default))
        key = self.key(name, default)
        value = st.toggle(label, bool(st.session_state[key]), key=key, help=help_text)
        self.store(name)
        return value

    def select(
        self, name: str, label: str, titles: dict[str, str], default: str, help_text: str
    ) -> str:
        """Show a select box for the keys of `titles`, displayed by their values."""
        if not self.shown:
            return str(self._hidden(name, default))
        key, names = self.key(name, default), list(titles)
        value = st.selectbox(
            label,
            names,
            names.index(st.session_state[key]),
            format_func=titles.__getitem__,
            key=key,
            help=help_text,
        )
        self.store(name)
        return value

    def hiding(self, help_text: str) -> Hiding | None:
        """Show the choice of how to hide faces; None if they are not hidden."""
        key = self.key("hiding", NO_HIDING)
        value = st.segmented_control(
            "Hide faces",
            list(HIDING_OPTIONS),
            default=st.session_state[key],
            key=key,
            help=help_text,
            required=True,
        )
        self.store("hiding")
        return HIDING_OPTIONS[str(value)]

    def threshold(self, name: str, label: str, default: float, help_text: str) -> float:
        """Show a slider from 0.05 to 0.95."""
        if not self.shown:
            return float(self._hidden(name, default))
        key = self.key(name, default)
        value = st.slider(
            label, 0.05, 0.95, float(st.session_state[key]), step=0.01, key=key, help=help_text
        )
        self.store(name)
        return value

    def number(
        self, name: str, label: str, lowest: int, highest: int, default: int, help_text: str
    ) -> int:
        """Show a slider for a whole number."""
        if not self.shown:
            return int(self._hidden(name, default))
        key = self.key(name, default)
        start = int(st.session_state[key])
        value = st.slider(label, lowest, highest, start, key=key, help=help_text)
        self.store(name)
        return value
