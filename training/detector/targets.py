"""Which cell of which stride is to find which face, and what it is to answer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.detect.facestream import STRIDES, cell_centres

# Sides, in pixels, of the faces that each stride is to find; they overlap, so that a face between
# two strides is found by either.
RANGES_PX = {8: (0.0, 44.0), 16: (30.0, 100.0), 32: (70.0, np.inf)}
REACH = 0.28  # of the face's sides: cells closer to its centre are to find it
LEAST_REACH = 0.8  # strides
FACE, BACKGROUND, NEITHER = 1.0, 0.0, -1.0
COLUMNS = 16  # state; box xyxy; five points x, y; 1 where these are known


def targets(xyxy: F32, learned: NDArray[np.bool_], points: F32, side_px: int) -> F32:
    """What every cell of a square picture is to answer, stride by stride.

    Args:
        xyxy: (n, 4) boxes in pixels.
        learned: (n,) bool; cells on the others are neither face nor background.
        points: (n, 5, 2), NaN where not known.
        side_px: the picture's side, a multiple of the largest stride.

    Returns:
        (cells, 16) float32: the state, and for faces the box, the points and whether these count.
    """
    parts = []
    side = np.sqrt(np.prod(np.maximum(xyxy[:, 2:] - xyxy[:, :2], 0), axis=1))
    for stride in STRIDES:
        centres = cell_centres(side_px, side_px, stride)
        rows = np.zeros((len(centres), COLUMNS), np.float32)
        inside = _inside(centres, xyxy[~learned])
        rows[inside.any(axis=1), 0] = NEITHER
        low, high = RANGES_PX[stride]
        mine = np.flatnonzero(learned & (side >= low) & (side < high))
        # The smallest face last: where two share a cell it is the harder to find elsewhere.
        for i in mine[np.argsort(-side[mine], kind="stable")]:
            middle = (xyxy[i, :2] + xyxy[i, 2:]) / 2
            reach = np.maximum(REACH * (xyxy[i, 2:] - xyxy[i, :2]), LEAST_REACH * stride)
            away = np.abs(centres - middle) / reach
            near = np.flatnonzero(np.hypot(away[:, 0], away[:, 1]) <= 1)
            known = bool(np.isfinite(points[i]).all())
            rows[near, 0] = FACE
            rows[near, 1:5] = xyxy[i]
            rows[near, 5:15] = points[i].ravel() if known else 0
            rows[near, 15] = known
        # A face that another stride is to find is no background here.
        others = learned & ~((side >= low) & (side < high))
        close = (side > low / 2) & (side < high * 2)
        doubtful = _core(centres, xyxy[others & close])
        rows[doubtful.any(axis=1) & (rows[:, 0] == BACKGROUND), 0] = NEITHER
        parts.append(rows)
    return np.concatenate(parts)


def _inside(centres: F32, xyxy: F32) -> NDArray[np.bool_]:
    """(cells, n): which cells' centres lie in which boxes."""
    x, y = centres[:, :1], centres[:, 1:]
    inside: NDArray[np.bool_] = (
        (x >= xyxy[:, 0]) & (x <= xyxy[:, 2]) & (y >= xyxy[:, 1]) & (y <= xyxy[:, 3])
    )
    return inside


def _core(centres: F32, xyxy: F32) -> NDArray[np.bool_]:
    """(cells, n): which cells lie about the middle of which boxes."""
    middle = (xyxy[:, :2] + xyxy[:, 2:]) / 2
    half = (xyxy[:, 2:] - xyxy[:, :2]) * REACH
    return _inside(centres, np.concatenate([middle - half, middle + half], axis=1))
