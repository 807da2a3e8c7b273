"""The mesh of a face as lines: all of it on a large face, its contours on a small one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import Topology
from realtime.render.layout import mesh_opacity
from realtime.render.palette import MESH_COLOUR

MIN_MESH_PX = 100  # width of a face whose triangles are wide enough to be told apart
Trail = NDArray[np.intp]


def draw_mesh(frame_bgr: Frame, points: F32, topology: Topology) -> None:
    """Draw one face's points (k, 2), joined; fainter on small faces, which it would hide."""
    height, width = frame_bgr.shape[:2]
    # Rows are contiguous: NumPy is slow along a strided axis.
    (x0, y0), (x1, y1) = (f(points.T.copy(), axis=1).tolist() for f in (np.min, np.max))
    left, top = max(0, int(x0)), max(0, int(y0))
    right, bottom = min(width, int(x1) + 2), min(height, int(y1) + 2)
    if left >= right or top >= bottom:
        return
    face = frame_bgr[top:bottom, left:right]
    bare = face.copy()
    # Sixteenths of a pixel keep the lines from jittering.
    places = np.rint((points - (left, top)) * 16).astype(np.int32)
    order, bounds = _trails(topology, right - left >= MIN_MESH_PX)
    along = places[order]
    lines = [along[start:end] for start, end in bounds]
    cv2.polylines(face, lines, False, MESH_COLOUR, 1, cv2.LINE_8, 4)
    opacity = mesh_opacity(right - left)
    cv2.addWeighted(face, opacity, bare, 1 - opacity, 0, dst=face)


@cache
def _trails(topology: Topology, whole: bool) -> tuple[Trail, Sequence[tuple[int, int]]]:
    """The points along all lines, one line after the other, and where each begins and ends."""
    contours = topology.contours
    lines = trails(topology.edges if whole or not len(contours) else contours)
    ends = accumulate(map(len, lines), initial=0)
    return np.concatenate(lines), list(pairwise(ends))


def trails(edges: NDArray[np.intp]) -> list[Trail]:
    """Join edges to long lines: OpenCV draws a few of these faster than many short ones.

    Args:
        edges: (n, 2) pairs of points, each pair once.

    Returns:
        The points along each line; every edge is part of one line, once.
    """
    neighbours: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    lines = []
    # A line that begins at a point with an odd number of edges ends at another such point.
    for start in sorted(neighbours, key=lambda point: len(neighbours[point]) % 2 == 0):
        while neighbours[start]:
            line = [start]
            while neighbours[line[-1]]:
                point = neighbours[line[-1]].pop()
                neighbours[point].remove(line[-1])
                line.append(point)
            lines.append(np.array(line, np.intp))
    return lines
