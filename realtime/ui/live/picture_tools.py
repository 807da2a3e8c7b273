"""What lies on the picture: "Try a sample", full screen, picture in picture, and the keys."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

KEYS = {
    "Space": "Start or stop",
    "S": "Snapshot",
    "R": "Start or stop recording",
    "B": "Blur faces, or stop blurring",
    "F": "Full screen",
    "?": "These shortcuts",
}
_ICONS = {
    "full": "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
    "pip": "M3 5h18v14H3zM12 12h7v5h-7z",
    "help": "M9 9a3 3 0 1 1 4.2 2.8c-.8.4-1.2.9-1.2 1.9v.3M12 17.5v.1",
}


def _button(name: str, label: str) -> str:
    icon = f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{_ICONS[name]}"/></svg>'
    return f'<button id="{name}" type="button" aria-label="{label}" title="{label}">{icon}</button>'


_ROWS = "".join(f"<dt><kbd>{key}</kbd></dt><dd>{text}</dd>" for key, text in KEYS.items())
_HTML = f"""
<div id="idle" hidden><button id="sample" type="button">Try a sample</button></div>
<div id="wait" role="status" hidden>Connecting…</div>
<div id="bar">
  {_button("pip", "Picture in picture")}
  {_button("full", "Full screen (F)")}
  {_button("help", "Keyboard shortcuts (?)")}
</div>
<dialog id="keys" aria-label="Keyboard shortcuts">
  <h2>Keyboard shortcuts</h2><dl>{_ROWS}</dl>
  <form method="dialog"><button>Close</button></form>
</dialog>
"""
_FILES = {suffix: Path(__file__).with_name(f"picture_tools.{suffix}") for suffix in ("css", "js")}


@cache
def _component() -> Any:
    css, js = (path.read_text(encoding="utf-8") for path in _FILES.values())
    return st.components.v2.component("picture_tools", html=_HTML, css=css, js=js)


def picture_tools() -> None:
    """Show them; call it in the picture's container, after the stream."""
    _component()(key="picture-tools")
