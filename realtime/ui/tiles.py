"""Tiles with the number of faces, in total and by mask label."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.attribute.registry import MASK
from realtime.core.answers import UNSURE
from realtime.ui.icons import icon


def count_tiles(
    faces: int, counts: Mapping[str, int] | None, *, noun: str = "face", detail: str = ""
) -> str:
    """Return the tiles as HTML.

    Args:
        faces: number of faces.
        counts: number of faces by mask label and `UNSURE`; None if masks are not classified.
        noun: what is counted, in the singular.
        detail: a few words beside the total, such as "2 at once".
    """
    unsure = f"<small>{counts[UNSURE]} unsure</small>" if counts and counts[UNSURE] else ""
    unit = noun if faces == 1 else f"{noun}s"
    if detail:
        unit = f"{unit}, {detail}"
    tiles = [f'<div class="fs-count"><b>{faces}{unsure}</b><span>{unit}</span></div>']
    for label in MASK.labels:
        number = "–" if counts is None else counts[label]
        tiles.append(
            f'<div class="fs-count"><b>{number}{icon(MASK, label)}</b>'
            f"<span>{MASK.caption(label)}</span></div>"
        )
    return f'<div class="fs-counts">{"".join(tiles)}</div>'
