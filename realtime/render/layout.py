"""What is drawn of a face: lines, colours and sizes, the same on pictures and in the browser."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.attribute.registry import ATTRIBUTES, Colour
from realtime.core.arrays import F32
from realtime.core.faces import Faces
from realtime.core.settings import DrawSettings
from realtime.landmark.pose import rotation
from realtime.render.captions import captions, measure_captions
from realtime.render.palette import AXIS_COLOURS, UNKNOWN_COLOUR

REFERENCE_SIDE_PX = 480  # shorter side of a picture on which the sizes below look right
MIN_SCALE = 0.6  # smaller text could not be read


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Sizes of what is drawn on one picture.

    Attributes:
        font: size of the text as a factor of OpenCV's font.
        text_px: size of the same text as CSS counts it.
        line_px: width of boxes and axes.
        row_px: height of a line of text.
        pad_px: space on either side of the text.
    """

    font: float
    text_px: float
    line_px: int
    row_px: int
    pad_px: int

    @classmethod
    def of(cls, size_wh: tuple[int, int]) -> Sizes:
        """The sizes for a picture of that width and height in pixels."""
        scale = max(MIN_SCALE, min(size_wh) / REFERENCE_SIDE_PX)
        return cls(
            font=0.45 * scale,
            text_px=13 * scale,
            line_px=max(1, round(2 * scale)),
            row_px=round(18 * scale),
            pad_px=round(4 * scale),
        )


def face_lines(faces: Faces, i: int, settings: DrawSettings) -> list[str]:
    """The lines of text beside face i; none if the settings leave out labels."""
    if not settings.labels:
        return []
    return face_captions(faces, i) + (measure_captions(faces, i) if settings.measures else [])


def face_captions(faces: Faces, i: int) -> list[str]:
    """Face i's number, and each attribute with its probability."""
    lines = captions(faces, i)
    if faces.track_id is None:
        return lines
    number = f"#{faces.track_id[i]}"
    # The number shares a line with the attribute that colours the box.
    first = next(iter(ATTRIBUTES))
    shares = lines and faces.label(first, i) is not None
    return [f"{number} {lines[0]}", *lines[1:]] if shares else [number, *lines]


def face_colour(faces: Faces, i: int) -> Colour:
    """The colour of face i's box: that of its first coloured label."""
    for name, attribute in ATTRIBUTES.items():
        answer = faces.label(name, i)
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
