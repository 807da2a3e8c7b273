"""A photo and its annotated version side by side, with linked zoom."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import streamlit as st

from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.geometry import inside
from realtime.render.captions import captions, measure_captions
from realtime.ui.versioned import versioned

# From this aspect ratio, pictures are stacked: side by side, their labels would be unreadable.
WIDE_ASPECT_RATIO = 1.8

_HTML = """
<div class="pv">
  <div class="pv-bar" role="group" aria-label="Zoom">
    <button type="button" data-zoom="out" title="Zoom out (−)" aria-label="Zoom out">−</button>
    <output aria-live="polite">100 %</output>
    <button type="button" data-zoom="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
    <button type="button" data-zoom="fit" title="Fit to view (0)">Fit</button>
    <button type="button" data-zoom="full" title="Full screen (Esc to exit)"
      >Full screen</button>
    <span>Keys: + and − to zoom, arrows to pan, 0 to fit. Or double-click and drag.</span>
  </div>
  <div class="pv-two">
    <figure><div class="pv-pane" tabindex="0" role="group" aria-label="Original">
      <div class="pv-in"><img alt="Original photo" draggable="false"></div></div
      ><figcaption>Original</figcaption></figure>
    <figure><div class="pv-pane" tabindex="0" role="group" aria-label="Detected faces">
      <div class="pv-in"><img alt="Photo with the detected faces annotated" draggable="false"
      ></div></div><figcaption>Detected faces, numbered from left to right</figcaption></figure>
  </div>
</div>
"""
_CSS = """
.pv-bar { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; margin-bottom: .5rem;
  font-size: .85rem }
.pv-bar button { font: inherit; color: inherit; background: none; cursor: pointer;
  min-width: 2.2rem; padding: .25rem .6rem; border: 1px solid var(--st-border-color);
  border-radius: .5rem }
.pv-bar button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color) }
.pv :focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px }
.pv-bar output { min-width: 3.5rem; text-align: center; font-variant-numeric: tabular-nums }
.pv-bar span { opacity: .75 }
.pv-two { display: grid; gap: 1rem; grid-template-columns: 1fr 1fr }
.pv-two.wide { grid-template-columns: 1fr }
.pv figure { margin: 0; min-width: 0 }
.pv figcaption { font-size: .82rem; opacity: .75; margin-top: .25rem }
.pv-pane { overflow: hidden; border-radius: .5rem; scrollbar-width: thin;
  background: var(--st-secondary-background-color) }
.pv-in { position: relative; width: 100% }
.pv-pane img { display: block; width: 100%; max-width: none; user-select: none }
.pv-face { position: absolute; border-radius: .25rem }
.pv-face:hover { box-shadow: 0 0 0 2px #fff, 0 0 0 4px var(--st-primary-color) }
.pv.zoomed .pv-pane { overflow: auto; cursor: grab }
.pv:fullscreen { padding: 1rem; overflow: auto; color: var(--st-text-color);
  background: var(--st-background-color) }
@media (max-width: 640px) {
  .pv-two { grid-template-columns: 1fr } .pv-bar span { display: none }
  .pv-bar button { min-width: 44px; min-height: 44px }
}
"""
_JS = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


def photo_view(before_jpg: bytes, after_jpg: bytes, size_wh: tuple[int, int], faces: Faces) -> None:
    """Show both pictures; zooming or panning one does the same to the other.

    Where the pointer rests on a face, everything about it is shown.

    Args:
        before_jpg: the original.
        after_jpg: the annotated picture.
        size_wh: size of the photo in pixels.
        faces: its faces, in pixels of the photo.
    """
    data = {
        "pictures": [b64encode(jpg).decode() for jpg in (before_jpg, after_jpg)],
        "width": size_wh[0],
        "height": size_wh[1],
        "faces": [_face(faces, i, box) for i, box in enumerate(inside(faces.xyxy, size_wh))],
        "wide": size_wh[0] >= WIDE_ASPECT_RATIO * size_wh[1],
    }
    mount = st.components.v2.component(
        "photo_view", html=_HTML, css=_CSS, js=_JS, isolate_styles=False
    )
    mount(key="photo-view", data=versioned("photo-view", data))


def _face(faces: Faces, i: int, box: F32) -> dict[str, Any]:
    """A face's box in pixels, and its text, a line each."""
    lines = [f"Face {i + 1}", *captions(faces, i, reasons=True), *measure_captions(faces, i)]
    return {"box": [round(value) for value in box.tolist()], "text": "\n".join(lines)}
