"""What the stream shows: a camera, the screen or a sample video, and in which size.

Only the browser knows its cameras, and it opens them. This component offers what there is, and
gives streamlit-webrtc, which asks for a camera on Start, what the visitor has chosen. The server
only needs to know whether to mirror it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from realtime.live.capture import Capture
from realtime.ui.files import SAMPLE_VIDEO, file_path
from realtime.ui.persistent_controls import PersistentControls

KEY = "live-source"
MIRRORED = ("user", "device")  # kinds of sources in which people expect to see a mirror

_HTML = """
<div id="row">
  <label>Source<select id="source"></select></label>
  <label>Resolution<select id="size"></select></label>
</div>
"""
_CSS = """
#row { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem }
label { flex: 1 1 10rem; min-width: 0; font-size: 0.875rem; color: var(--st-text-color) }
select {
  display: block; width: 100%; min-height: 2.75rem; margin-top: 0.25rem; padding: 0 0.6rem;
  font: inherit; font-size: 1rem; color: inherit; text-overflow: ellipsis;
  background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: 0.5rem;
}
select:disabled { opacity: 0.7 }
option { background: var(--st-background-color); color: var(--st-text-color) }
:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px }
"""
_JS = Path(__file__).with_name("source.js").read_text(encoding="utf-8")


@cache
def _component() -> Any:
    return st.components.v2.component("source", html=_HTML, css=_CSS, js=_JS)


def source_controls(*, running: bool) -> Capture:
    """Show the choices made before Start; they are disabled while the stream runs.

    Args:
        running: whether the stream runs.
    """
    controls = PersistentControls("live")
    data = {"running": running, "sample": file_path(SAMPLE_VIDEO)}
    _component()(key=KEY, data=data, on_kind_change=_mirror_own_picture)
    key = controls.key("sound", False)
    st.toggle(
        "Record sound",
        bool(st.session_state[key]),
        key=key,
        disabled=running,
        help="Turn on before Start; your browser then also asks for the microphone. Sound is "
        "used in recordings only, never played here.",
    )
    controls.store("sound")
    return Capture(sound=st.session_state[key])


def _mirror_own_picture() -> None:
    kind = st.session_state[KEY].get("kind")
    PersistentControls("live").set("mirror", kind in MIRRORED)
