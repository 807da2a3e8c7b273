"""A strip of thumbnails from which one photo is selected."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path

import streamlit as st

from realtime.ui.photo.analysis import Photo, PhotoAnalysis
from realtime.ui.photo.uploads import SELECTED
from realtime.ui.versioned import versioned

_HTML = '<div class="ps" role="group" aria-label="Photos"></div>'
_CSS = """
.ps { display: flex; gap: .5rem; overflow-x: auto; padding: 4px 4px .5rem; margin: 0 -4px }
.ps button { flex: none; width: 8rem; padding: .3rem; font: inherit; font-size: .82rem;
  text-align: left; color: inherit; background: none; cursor: pointer;
  border: 1px solid var(--st-border-color); border-radius: .5rem }
.ps button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
.ps button[aria-pressed=true] { border-color: var(--st-primary-color);
  box-shadow: inset 0 0 0 1px var(--st-primary-color) }
.ps i { display: block; height: 5.2rem; border-radius: .3rem; background: center / cover no-repeat
  var(--st-secondary-background-color) }
.ps b, .ps span { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.ps b { font-weight: 600; margin-top: .25rem } .ps span { opacity: .75 }
"""
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def photo_strip(
    photos: Sequence[Photo], analyses: Mapping[str, PhotoAnalysis], selected: Photo
) -> None:
    """Show the photos with their numbers of faces; a click stores a photo's id as `SELECTED`."""
    items = [{"id": p.id, "name": p.name, **_thumbnail(analyses.get(p.id))} for p in photos]
    mount = st.components.v2.component(
        "photo_strip", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
    )
    mount(
        key="photo-strip",
        data=versioned("photo-strip", {"items": items, "selected": selected.id}),
        on_pressed_change=_select,
    )


def _thumbnail(analysis: PhotoAnalysis | None) -> dict[str, str]:
    if analysis is None:
        return {"caption": "Waiting…", "picture": ""}
    picture = f"data:image/jpeg;base64,{b64encode(analysis.thumbnail_jpg).decode()}"
    return {"caption": "Failed" if analysis.error else analysis.face_count, "picture": picture}


def _select() -> None:
    st.session_state[SELECTED] = st.session_state["photo-strip"].pressed
