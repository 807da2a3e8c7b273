"""How many faces there are, and how many with each mask label, as a row of tiles."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.attribute.registry import MASK
from realtime.core.answers import UNSURE
from realtime.render.palette import css


def count_tiles(faces: int, counts: Mapping[str, int] | None) -> str:
    """The tiles as HTML.

    Args:
        faces: how many there are.
        counts: how many have each mask label and `UNSURE`; None where masks are not classified.
    """
    unsure = f"<small>{counts[UNSURE]} unsure</small>" if counts and counts[UNSURE] else ""
    face = "face" if faces == 1 else "faces"
    tiles = [f'<div class="fs-count"><b>{faces}{unsure}</b><span>{face}</span></div>']
    for label in MASK.labels:
        number = "–" if counts is None else counts[label]
        tiles.append(
            f'<div class="fs-count"><b>{number}{dot(label)}</b>'
            f"<span>{MASK.caption(label)}</span></div>"
        )
    return f'<div class="fs-counts">{"".join(tiles)}</div>'


def dot(label: str) -> str:
    """A dot in the colour of this mask label or `UNSURE`."""
    return f'<span class="fs-dot" style="background:{css(MASK.colours[label])}"></span>'
