"""What the browser needs to draw the faces of one frame itself, as bytes.

The server decides every word, colour and size, so that a picture drawn in the browser looks like
one drawn on the server; `realtime/ui/live/overlay.js` only puts them in their places.

Layout, little-endian: the length of the JSON header (uint32), the header, spaces up to an even
length, then the points of all faces, x and y (int16), in units of the longer side / `POINT_STEPS`.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict
from typing import Any

import numpy as np

from realtime.core.faces import Faces, FrameResult
from realtime.core.landmarks import MESH468, POINTS68, Topology
from realtime.core.settings import DrawSettings
from realtime.render.boxes import MAX_CORNER_SHARE
from realtime.render.draw import StreamStats
from realtime.render.glyphs import WEIGHT
from realtime.render.icons import GRID, ICONS, STROKE
from realtime.render.layout import (
    Line,
    Sizes,
    face_axes,
    face_colour,
    face_lines,
    mesh_opacity,
    short_line,
)
from realtime.render.palette import INK, MESH_COLOUR, PAPER, css
from realtime.render.placement import MAX_OWN_SHARE, MAX_SHORT_SHARE

POINT_STEPS = 1 << 14  # int16 then reaches two pictures to every side
NOT_DRAWN = struct.pack("<I", 2) + b"{}"  # the picture comes from the server, drawn on


def overlay_message(
    result: FrameResult, settings: DrawSettings, *, mirror: bool, stats: StreamStats | None
) -> bytes:
    """The faces of one frame, with what the settings ask for.

    Args:
        result: faces in pixels of the analysed frame.
        settings: what is drawn; hiding is not possible in the browser.
        mirror: whether the analysed frame was flipped left to right.
        stats: the stream's performance, where the settings ask for it.
    """
    faces, size_wh = result.faces, result.size_wh
    header: dict[str, Any] = {
        "size": size_wh,
        "mirror": mirror,
        "boxes": settings.boxes,
        "sizes": asdict(Sizes.of(size_wh)),
        "faces": [_face(faces, i, settings) for i in range(len(faces))],
    }
    if settings.stats and stats is not None:
        header["stats"] = _line(Line(text=stats.line))
    points = b""
    if settings.landmarks and faces.landmarks is not None:
        topology = faces.landmarks.topology
        header["mesh"] = {
            "topology": topology.name,
            "count": topology.count,
            "colour": css(MESH_COLOUR),
        }
        points = _points(faces.landmarks.xy, max(size_wh))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (len(text) % 2)
    return struct.pack("<I", len(text)) + text + points


def style_message() -> str:
    """JSON with what is the same for all frames, so that both modes have one definition.

    That is the pairs of points that are joined by lines, for each topology that is drawn, the
    icons, the colours of labels, and the rules by which labels are placed.
    """
    style = {
        "edges": {t.name: _edges(t) for t in (MESH468, POINTS68)},
        "icons": ICONS,
        "grid": GRID,
        "stroke": STROKE,
        "ink": css(INK),
        "paper": css(PAPER),
        "weight": WEIGHT,
        "max_corner_share": MAX_CORNER_SHARE,
        "max_own_share": MAX_OWN_SHARE,
        "max_short_share": MAX_SHORT_SHARE,
    }
    return json.dumps(style, separators=(",", ":"))


def _line(line: Line) -> list[str]:
    """Text, and the icon before it with its colour."""
    return [line.text, line.icon, css(line.colour)] if line.icon else [line.text]


def _face(faces: Faces, i: int, settings: DrawSettings) -> dict[str, Any]:
    lines = face_lines(faces, i, settings)
    velocity = [0.0, 0.0] if faces.velocity_px_s is None else faces.velocity_px_s[i].tolist()
    face: dict[str, Any] = {
        "id": None if faces.track_id is None else int(faces.track_id[i]),
        "box": [round(v, 1) for v in faces.xyxy[i].tolist()],
        "velocity": [round(v, 1) for v in velocity],
        "colour": css(face_colour(faces, i, settings.colour_by)),
        "lines": [_line(line) for line in lines],
    }
    brief = short_line(faces, i, lines)
    if brief is not None:
        face["short"] = _line(brief)
    if settings.measures:
        axes = face_axes(faces, i)
        face["axes"] = [[*ends.round(1).ravel().tolist(), css(colour)] for ends, colour in axes]
    if settings.landmarks and faces.landmarks is not None:
        face["opacity"] = round(mesh_opacity(float(np.ptp(faces.landmarks.xy[i, :, 0]))), 2)
    return face


def _points(xy: np.ndarray[Any, Any], side_px: int) -> bytes:
    """All points (n, k, 2) in pixels, as int16."""
    limit = np.iinfo(np.int16)
    steps = np.rint(xy * (POINT_STEPS / side_px)).clip(limit.min, limit.max)
    packed: bytes = steps.astype("<i2").tobytes()
    return packed


def _edges(topology: Topology) -> list[list[int]]:
    edges: list[list[int]] = topology.edges.tolist()
    return edges
