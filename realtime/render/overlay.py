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
from realtime.render.draw import StreamStats
from realtime.render.layout import Sizes, face_axes, face_colour, face_lines, mesh_opacity
from realtime.render.palette import INK, MESH_COLOUR, PAPER, css, ink_on

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
        header["stats"] = {"line": stats.line, "colour": css(PAPER), "edge": css(INK)}
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


def topologies_message() -> str:
    """JSON with the pairs of points that are joined by lines, for each topology that is drawn."""
    return json.dumps({"edges": {t.name: _edges(t) for t in (MESH468, POINTS68)}})


def _face(faces: Faces, i: int, settings: DrawSettings) -> dict[str, Any]:
    colour = face_colour(faces, i)
    velocity = [0.0, 0.0] if faces.velocity_px_s is None else faces.velocity_px_s[i].tolist()
    face: dict[str, Any] = {
        "id": None if faces.track_id is None else int(faces.track_id[i]),
        "box": [round(v, 1) for v in faces.xyxy[i].tolist()],
        "velocity": [round(v, 1) for v in velocity],
        "colour": css(colour),
        "ink": css(ink_on(colour)),
        "lines": face_lines(faces, i, settings),
    }
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
