"""Training targets: which cell of which stride detects which face, and its box and landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.detect.facestream import STRIDES, cell_centres

# Face sizes in pixels (root of the box area) assigned to each stride. The ranges overlap, so that
# a face between two strides is assigned to both.
RANGES_PX = {8: (0.0, 44.0), 16: (30.0, 100.0), 32: (70.0, np.inf)}
CENTRE_RADIUS = 0.28  # in box sides: cells closer to the centre of a face are positive
MIN_RADIUS_STRIDES = 0.8
FACE, BACKGROUND, IGNORE = 1.0, 0.0, -1.0
COLUMNS = 16  # state; box xyxy; five points x, y; 1 where the points are known


def targets(xyxy: F32, valid: NDArray[np.bool_], points: F32, side_px: int) -> F32:
    """Targets of every cell of a square picture, stride by stride.

    Args:
        xyxy: (n, 4) boxes in pixels.
        valid: (n,) bool; cells on the other boxes are ignored by the loss.
        points: (n, 5, 2) landmarks in pixels, NaN where unknown.
        side_px: the picture's side, a multiple of the largest stride.

    Returns:
        (cells, 16) float32: the state (`FACE`, `BACKGROUND` or `IGNORE`), and for faces the box,
        the points, and 1 where the points are known.
    """
    parts = []
    side = np.sqrt(np.prod(np.maximum(xyxy[:, 2:] - xyxy[:, :2], 0), axis=1))
    for stride in STRIDES:
        centres = cell_centres(side_px, side_px, stride)
        rows = np.zeros((len(centres), COLUMNS), np.float32)
        inside = _inside(centres, xyxy[~valid])
        rows[inside.any(axis=1), 0] = IGNORE
        low, high = RANGES_PX[stride]
        assigned = np.flatnonzero(valid & (side >= low) & (side < high))
        # Smallest face last, so that it keeps shared cells: it has the fewest others.
        for i in assigned[np.argsort(-side[assigned], kind="stable")]:
            middle = (xyxy[i, :2] + xyxy[i, 2:]) / 2
            sides = xyxy[i, 2:] - xyxy[i, :2]
            radius = np.maximum(CENTRE_RADIUS * sides, MIN_RADIUS_STRIDES * stride)
            distance = np.abs(centres - middle) / radius
            near = np.flatnonzero(np.hypot(distance[:, 0], distance[:, 1]) <= 1)
            known = bool(np.isfinite(points[i]).all())
            rows[near, 0] = FACE
            rows[near, 1:5] = xyxy[i]
            rows[near, 5:15] = points[i].ravel() if known else 0
            rows[near, 15] = known
        # A face assigned to a neighbouring stride must not be background here.
        others = valid & ~((side >= low) & (side < high))
        close = (side > low / 2) & (side < high * 2)
        ambiguous = _core(centres, xyxy[others & close])
        rows[ambiguous.any(axis=1) & (rows[:, 0] == BACKGROUND), 0] = IGNORE
        parts.append(rows)
    return np.concatenate(parts)


def _inside(centres: F32, xyxy: F32) -> NDArray[np.bool_]:
    """(cells, n) bool: which cell centres lie in which boxes."""
    x, y = centres[:, :1], centres[:, 1:]
    inside: NDArray[np.bool_] = (
        (x >= xyxy[:, 0]) & (x <= xyxy[:, 2]) & (y >= xyxy[:, 1]) & (y <= xyxy[:, 3])
    )
    return inside


def _core(centres: F32, xyxy: F32) -> NDArray[np.bool_]:
    """(cells, n) bool: which cell centres lie near the centre of which boxes."""
    middle = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    half = (xyxy[:, 2:] - xyxy[:, :2]) * CENTRE_RADIUS
    return _inside(centres, np.concatenate([middle - half, middle + half], axis=1))
