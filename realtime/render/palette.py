"""The colours of everything drawn that has no label, BGR; labels have theirs in the registry."""

from __future__ import annotations

from realtime.attribute.registry import Colour

MESH_COLOUR: Colour = (230, 245, 230)
AXIS_COLOURS: tuple[Colour, ...] = ((0, 94, 213), (115, 158, 0), (178, 114, 0))  # x, y, z
UNKNOWN_COLOUR: Colour = (233, 180, 86)  # a face without a coloured label
# Apart from each other and from the picture's usual skin and walls; numbers tell the rest.
TRACK_COLOURS: tuple[Colour, ...] = (
    (233, 180, 86), (0, 159, 230), (115, 158, 0), (167, 121, 204), (66, 228, 240), (0, 94, 213),
    (201, 131, 31), (179, 98, 143),
)  # fmt: skip
INK: Colour = (24, 20, 18)  # of labels
PAPER: Colour = (250, 250, 250)  # of the text on them


def css(colour: Colour) -> str:
    """The colour as CSS."""
    blue, green, red = colour
    return f"rgb({red},{green},{blue})"
