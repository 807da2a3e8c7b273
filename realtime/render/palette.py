"""The colours of everything drawn that has no label, BGR; labels have theirs in the registry."""

from __future__ import annotations

from realtime.attribute.registry import Colour

MESH_COLOUR: Colour = (230, 245, 230)
AXIS_COLOURS: tuple[Colour, ...] = ((0, 94, 213), (115, 158, 0), (178, 114, 0))  # x, y, z
UNKNOWN_COLOUR: Colour = (233, 180, 86)  # a face without a coloured label
INK: Colour = (20, 20, 20)
PAPER: Colour = (250, 250, 250)


def ink_on(colour: Colour) -> Colour:
    """The colour of text that can be read on this one."""
    return INK if sum(colour) > 380 else PAPER


def css(colour: Colour) -> str:
    """The colour as CSS."""
    blue, green, red = colour
    return f"rgb({red},{green},{blue})"
