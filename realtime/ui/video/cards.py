"""A card for each face of a video, as HTML."""

from __future__ import annotations

from base64 import b64encode

from realtime.attribute.registry import ATTRIBUTES, MASK
from realtime.ui.tiles import dot
from realtime.ui.video.captions import clock
from realtime.video.people import Person

_STYLE = """
<style>
.fv { display: flex; gap: .9rem; align-items: center; font-size: .85rem; line-height: 1.5 }
.fv img { width: 6.5rem; height: 6.5rem; object-fit: cover; border-radius: .5rem; flex: none;
  background: rgba(128,128,128,.15) }
.fv h4 { margin: 0 0 .15rem; padding: 0; font-size: 1.05rem; font-weight: 600 }
.fv p { margin: 0 }
</style>
"""


def person_html(person: Person, frames: int, view_jpg: bytes | None) -> str:
    """One face: its clearest picture, when it was seen, its mask and emotion most of the time."""
    title = f"Face {person.number}"
    picture = ""
    if view_jpg is not None:
        data = b64encode(view_jpg).decode()
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="{title}">'
    seen = person.frames / max(frames, 1)
    lines = [f"{clock(person.first_s)} to {clock(person.last_s)}, on {seen:.0%} of the frames"]
    for name, attribute in ATTRIBUTES.items():
        if name in person.labels:
            label, share = person.labels[name]
            mark = dot(label) if attribute is MASK else ""
            lines.append(f"{mark}{attribute.caption(label)} {share:.0%} of the time")
    said = "".join(f"<p>{line}</p>" for line in lines)
    return f'{_STYLE}<div class="fv">{picture}<div><h4>{title}</h4>{said}</div></div>'
