"""What is drawn of a face: lines, colours and sizes, the same on pictures and in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from realtime.attribute.registry import ATTRIBUTES, Colour
from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.settings import TRACK, DrawSettings
from realtime.landmark.pose import rotation
from realtime.render.captions import caption, measure_captions
from realtime.render.icons import icon_colour, icon_name
from realtime.render.palette import AXIS_COLOURS, TRACK_COLOURS, UNKNOWN_COLOUR

REFERENCE_SIDE_PX = 480  # shorter side of a picture on which the sizes below look right
MIN_SCALE = 0.7  # smaller text could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Sizes of what is drawn on one picture.

    Attributes:
        text_px: size of the text, as CSS counts it.
        line_px: width of boxes and axes.
        row_px: height of a line of text.
        pad_px: space on either side of the text.
        icon_px: side of an icon.
        corner_px: radius of a box's corners.
        round_px: radius of a label's corners.
    """

    text_px: float
    line_px: int
    row_px: int
    pad_px: int
    icon_px: int
    corner_px: int
    round_px: int

    @classmethod
    def of(cls, size_wh: tuple[int, int]) -> Sizes:
        """The sizes for a picture of that width and height in pixels."""
        scale = max(MIN_SCALE, min(size_wh) / REFERENCE_SIDE_PX)
        return cls(
            text_px=15 * scale,
            line_px=max(1, round(2 * scale)),
            row_px=round(20 * scale),
            pad_px=round(6 * scale),
            icon_px=round(14 * scale),
            corner_px=round(10 * scale),
            round_px=round(5 * scale),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a label.

    Attributes:
        text: what it says.
        icon: a key of `realtime.render.icons.ICONS` before it; empty: none.
        colour: the icon's colour.
    """

    text: str
    icon: str = ""
    colour: Colour = UNKNOWN_COLOUR


def face_lines(faces: Faces, i: int, settings: DrawSettings) -> list[Line]:
    """The lines of text beside face i; none if the settings leave out labels.

    The first begins with the face's number.
    """
    if not settings.labels:
        return []
    lines = []
    for name, attribute in ATTRIBUTES.items():
        text, answer = caption(attribute, faces, i), faces.label(name, i)
        if text is not None and answer is not None:
            colour = icon_colour(attribute, answer[0])
            lines.append(Line(text=text, icon=icon_name(attribute, answer[0]), colour=colour))
    if settings.measures:
        lines += [Line(text=text) for text in measure_captions(faces, i)]
    number = face_number(faces, i)
    if number and lines:
        lines[0] = replace(lines[0], text=f"{number} {lines[0].text}")
    return lines or ([Line(text=number)] if number else [])


def short_line(faces: Faces, i: int, lines: Sequence[Line]) -> Line | None:
    """What stands for face i's lines in a crowd: its number, and the icon of the first line."""
    number = face_number(faces, i)
    return replace(lines[0], text=number) if lines and (number or lines[0].icon) else None


def face_number(faces: Faces, i: int) -> str:
    """Face i's number, such as "#7"; empty if it is not followed."""
    return "" if faces.track_id is None else f"#{faces.track_id[i]}"


def face_colour(faces: Faces, i: int, colour_by: str = "") -> Colour:
    """The colour of face i's box.

    Args:
        faces: all faces.
        i: which face.
        colour_by: see `DrawSettings.colour_by`.
    """
    if colour_by == TRACK and faces.track_id is not None:
        return TRACK_COLOURS[int(faces.track_id[i]) % len(TRACK_COLOURS)]
    for name, attribute in ATTRIBUTES.items():
        answer = faces.label(name, i) if colour_by in ("", name) else None
        if attribute.colours and answer is not None:
            return attribute.colours[answer[0]]
    return UNKNOWN_COLOUR


def face_axes(faces: Faces, i: int) -> list[tuple[F32, Colour]]:
    """The axes of face i's head: to its left, down, and forwards; none if its pose is unknown.

    Returns:
        For each axis its start and end, (2, 2) float32 pixels, and its colour.
    """
    if faces.pose_deg is None or np.isnan(faces.pose_deg[i]).any():
        return []
    turn = rotation(*faces.pose_deg[i].tolist())
    x0, y0, x1, y1 = faces.xyxy[i].tolist()
    origin = np.array([(x0 + x1) / 2, y0 + 0.55 * (y1 - y0)])
    length = 0.4 * max(x1 - x0, y1 - y0)
    directions = (turn[:2, 0], turn[:2, 1], -turn[:2, 2])
    return [
        (np.array([origin, origin + length * direction], np.float32), colour)
        for direction, colour in zip(directions, AXIS_COLOURS, strict=True)
    ]


def mesh_opacity(width_px: float) -> float:
    """Opacity of the mesh on a face of that width: small faces would be hidden by it."""
    return min(0.75, max(0.3, width_px / 300))
