"""Cards for the faces of a video, as HTML."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import ATTRIBUTES
from realtime.ui.icons import icon
from realtime.video.people import Person, timestamp

_STYLE = """
<style>
.fv { display: flex; gap: .9rem; align-items: center; font-size: .85rem; line-height: 1.5 }
.fv img { width: 6.5rem; height: 6.5rem; object-fit: cover; border-radius: .5rem; flex: none;
  background: rgba(128,128,128,.15) }
.fv h4 { margin: 0 0 .15rem; padding: 0; font-size: 1.05rem; font-weight: 600 }
.fv p { margin: 0 }
</style>
"""


def person_html(
    person: Person, title: str, times_s: NDArray[np.float64], view_jpg: bytes | None
) -> str:
    """Return a card: best picture, time on screen, and the most frequent label per attribute.

    Args:
        person: the face.
        title: what it is called.
        times_s: (n,) times of the video's frames.
        view_jpg: its best picture as a JPEG file, if there is one.
    """
    title = escape(title)
    picture = ""
    if view_jpg is not None:
        data = b64encode(view_jpg).decode()
        picture = f'<img src="data:image/jpeg;base64,{data}" alt="{title}">'
    frames = int(np.count_nonzero((times_s >= person.first_s) & (times_s <= person.last_s)))
    visible = person.frames / max(frames, 1)
    span = f"{timestamp(person.first_s)}–{timestamp(person.last_s)}"
    lines = [f"{span}, visible {visible:.0%} of that time"]
    for name, attribute in ATTRIBUTES.items():
        if name in person.labels:
            label, share = person.labels[name]
            lines.append(
                f"{icon(attribute, label)}{attribute.caption(label)} {share:.0%} of the time"
            )
    details = "".join(f"<p>{line}</p>" for line in lines)
    return f'{_STYLE}<div class="fv">{picture}<div><h4>{title}</h4>{details}</div></div>'
