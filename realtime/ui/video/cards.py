"""A video's faces as HTML: how many there are, and a card for each."""

from __future__ import annotations

from base64 import b64encode

from realtime.core.faces import UNSURE
from realtime.render.captions import MASK_WORDS
from realtime.render.draw import MASK_COLOURS
from realtime.ui.live.faces import TILE_WORDS
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
    name = f"Face {person.number}"
    picture = ""
    if view_jpg is not None:
        data = b64encode(view_jpg).decode()
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="{name}">'
    seen = person.frames / max(frames, 1)
    lines = [f"{clock(person.first_s)} to {clock(person.last_s)}, on {seen:.0%} of the frames"]
    if person.mask is not None:
        words = "mask unsure" if person.mask == UNSURE else MASK_WORDS[person.mask]
        colour = _css(MASK_COLOURS[person.mask])
        lines.append(f"{_dot(colour)}{words} {person.mask_share:.0%} of the time")
    if person.emotion is not None:
        words = "emotion unsure" if person.emotion == UNSURE else person.emotion
        lines.append(f"{words} {person.emotion_share:.0%} of the time")
    said = "".join(f"<p>{line}</p>" for line in lines)
    return f'{_STYLE}<div class="fv">{picture}<div><h4>{name}</h4>{said}</div></div>'


def tiles_html(counts: dict[str, int], count: int) -> str:
    """How many faces there are, and how many had each mask label for most of their time."""
    unsure = f"<small>{counts[UNSURE]} unsure</small>" if counts[UNSURE] else ""
    face = "face" if count == 1 else "faces"
    tiles = [f'<div class="fs-count"><b>{count}{unsure}</b><span>{face}</span></div>']
    for label, words in TILE_WORDS.items():
        number = f"<b>{counts[label]}{_dot(_css(MASK_COLOURS[label]))}</b>"
        tiles.append(f'<div class="fs-count">{number}<span>{words}</span></div>')
    return f'<div class="fs"><div class="fs-counts">{"".join(tiles)}</div></div>'


def _css(colour_bgr: tuple[int, int, int]) -> str:
    blue, green, red = colour_bgr
    return f"rgb({red},{green},{blue})"


def _dot(colour: str) -> str:
    return f'<span class="fs-dot" style="background:{colour}"></span>'
