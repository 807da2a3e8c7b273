"""Icons of labels: shapes that differ without their colours, drawn the same everywhere.

An icon is a few shapes on a grid of `GRID` units. The server rasterises them once, pages draw them
as SVG, and the overlay on a canvas (`realtime/ui/live/draw_overlay.js`).
"""

from __future__ import annotations

import math
from typing import Literal

from realtime.attribute.registry import MASK, Attribute, Colour
from realtime.core.answers import UNSURE
from realtime.render.palette import INK, css

GRID = 16
STROKE = 1.5  # width of lines, in units
Point = tuple[float, float]
# "fill" and "line" have the label's colour, "hole" and "cut" are dark: an area and a line each.
Kind = Literal["fill", "line", "hole", "cut"]
Shape = tuple[Kind, tuple[Point, ...]]


def icon_name(attribute: Attribute, label: str) -> str:
    """The key in `ICONS` of a label or `UNSURE`; empty if it has no icon."""
    name = UNSURE if label == UNSURE else f"{attribute.name}-{label}"
    return name if name in ICONS else ""


def icon_colour(attribute: Attribute, label: str) -> Colour:
    """The colour of a label's icon."""
    return attribute.colours.get(label, MASK.colours[UNSURE])


def icon_svg(name: str, colour: Colour) -> str:
    """An icon in a colour as an SVG file."""
    parts = []
    for kind, points in ICONS[name]:
        path = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
        ink = css(colour if kind in ("fill", "line") else INK)
        filled = kind in ("fill", "hole")
        style = f'fill="{ink}"' if filled else f'fill="none" stroke="{ink}"'
        parts.append(f'<path d="{path}" {style}/>')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GRID} {GRID}" '
        f'stroke-width="{STROKE}" stroke-linecap="round">{"".join(parts)}</svg>'
    )


def _arc(
    x: float, y: float, radius: float, first_deg: float = 0, last_deg: float = 360
) -> tuple[Point, ...]:
    """Points on a circle, clockwise from the right."""
    steps = max(4, round(abs(last_deg - first_deg) / 15))
    angles = [
        math.radians(first_deg + (last_deg - first_deg) * k / steps) for k in range(steps + 1)
    ]
    return tuple(
        (round(x + radius * math.cos(a), 2), round(y + radius * math.sin(a), 2)) for a in angles
    )


def _both(kind: Kind, *points: Point) -> tuple[Shape, Shape]:
    """A shape and its mirror image."""
    return (kind, points), (kind, tuple((GRID - x, y) for x, y in points))


def _face(*features: Shape, eyes_y: float | None = 6.2) -> tuple[Shape, ...]:
    """A face with eyes, if they have a height, and these features."""
    eyes = () if eyes_y is None else _both("hole", *_arc(5.4, eyes_y, 1.15))
    return (("fill", _arc(8, 8, 7.4)), *eyes, *features)


_CLOTH: tuple[Point, ...] = (
    (3, 4.8), (8, 3.2), (13, 4.8), (13, 9.3), (11.2, 12.2), (8, 13.4), (4.8, 12.2), (3, 9.3),
)  # fmt: skip
_BANDS = _both("line", (3, 5.2), (0.9, 6), (1.1, 8.4), (3, 9.2))
_SHAPES: dict[tuple[str, str], tuple[Shape, ...]] = {
    ("mask", "with_mask"): (
        ("fill", _CLOTH), *_BANDS,
        ("cut", ((5.4, 7), (10.6, 7))), ("cut", ((5.4, 9.8), (10.6, 9.8))),
    ),
    ("mask", "without_mask"): (
        ("line", (*_CLOTH, _CLOTH[0])), ("line", ((1.6, 14.4), (14.4, 1.6))),
    ),
    ("mask", "incorrect"): (
        ("fill", ((8, 1), (15.4, 14.4), (0.6, 14.4))), ("cut", ((8, 5.6), (8, 9.6))),
        ("hole", _arc(8, 12.2, 1)),
    ),
    ("emotion", "angry"): _face(
        *_both("cut", (3.4, 4.2), (6.8, 5.6)), ("cut", _arc(8, 13, 2.8, 205, 335)), eyes_y=7.4,
    ),
    ("emotion", "disgust"): _face(
        *_both("cut", (4, 4.9), (6.6, 6.3), (4, 7.7)),
        ("cut", ((4.8, 11.8), (6.6, 10.4), (8.6, 11.6), (11.4, 10))), eyes_y=None,
    ),
    ("emotion", "fear"): _face(
        *_both("cut", (3.8, 5), (6.6, 3.4)),
        ("cut", ((4.4, 11.8), (6.2, 10.3), (8, 11.8), (9.8, 10.3), (11.6, 11.8))), eyes_y=7.2,
    ),
    ("emotion", "happy"): _face(("hole", _arc(8, 8.8, 4, 0, 180))),
    ("emotion", "sad"): _face(("cut", _arc(8, 13.4, 3.4, 205, 335))),
    ("emotion", "surprise"): _face(("hole", _arc(8, 11, 2.1)), eyes_y=5.6),
    ("emotion", "neutral"): _face(("cut", ((5.2, 10.8), (10.8, 10.8)))),
}  # fmt: skip
_QUESTION: tuple[Shape, ...] = (
    ("line", _arc(8, 8, 6.8)),
    ("line", (*_arc(8, 6.2, 2.1, 180, 380), (8, 8.6), (8, 9.4))),
    ("fill", _arc(8, 11.9, 1)),
)
ICONS: dict[str, tuple[Shape, ...]] = {
    f"{attribute}-{label}": shapes for (attribute, label), shapes in _SHAPES.items()
} | {UNSURE: _QUESTION}
