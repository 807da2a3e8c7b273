"""Regions relative to the ideal region of a face, to frame faces in training as in use."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32


def relative(regions: F32, ideal: F32) -> F32:
    """Errors of regions against ideal ones.

    Args:
        regions: (n, 4), see `realtime.landmark.region`.
        ideal: (n, 4).

    Returns:
        (n, 4) float32, along the face's axes and relative to the ideal side: shift to the right,
        shift down, logarithm of the ratio of sides, and rotation in radians.
    """
    delta = regions[:, :2] - ideal[:, :2]
    cos, sin = np.cos(ideal[:, 3]), np.sin(ideal[:, 3])
    right = (cos * delta[:, 0] + sin * delta[:, 1]) / ideal[:, 2]
    down = (cos * delta[:, 1] - sin * delta[:, 0]) / ideal[:, 2]
    turn = np.angle(np.exp(1j * (regions[:, 3] - ideal[:, 3])))
    scale = np.log(np.maximum(regions[:, 2], 1e-6) / ideal[:, 2])
    return np.column_stack([right, down, scale, turn]).astype(np.float32)


def displaced(ideal: F32, errors: F32) -> F32:
    """Regions (n, 4) with these errors (n, 4) against ideal ones: the inverse of `relative`."""
    cos, sin = np.cos(ideal[:, 3]), np.sin(ideal[:, 3])
    right, down = errors[:, 0] * ideal[:, 2], errors[:, 1] * ideal[:, 2]
    return np.column_stack(
        [
            ideal[:, 0] + cos * right - sin * down,
            ideal[:, 1] + sin * right + cos * down,
            ideal[:, 2] * np.exp(errors[:, 2]),
            ideal[:, 3] + errors[:, 3],
        ]
    ).astype(np.float32)
