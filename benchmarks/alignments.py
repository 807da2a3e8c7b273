"""Ways to align a face that the running system does not use, to compare with its own."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32, Frame
from realtime.landmark.align import TEMPLATE


def eye_matrices(eyes: F32, side_px: int, *, zoom: float = 1.0) -> F32:
    """As `crop_matrices`, but through the centres of the two eyes alone: (n, 2, 2) points."""
    target = ((TEMPLATE[:2] - 0.5) * zoom + 0.5) * side_px
    p, q = eyes[..., 0] + 1j * eyes[..., 1], target[:, 0] + 1j * target[:, 1]
    span = p[:, 1] - p[:, 0]
    a = (q[1] - q[0]) / np.where(np.abs(span) < 1e-3, 1e-3, span)
    b = q[0] - a * p[:, 0]
    rows = [np.stack([a.real, -a.imag, b.real], 1), np.stack([a.imag, a.real, b.imag], 1)]
    return np.asarray(np.stack(rows, axis=1), np.float32)


def noisy(five: F32, share: float, rng: np.random.Generator) -> F32:
    """The points (n, 5, 2), each coordinate moved by Gaussian noise.

    Args:
        five: alignment points.
        share: standard deviation over the distance of the eyes.
        rng: where the noise comes from.
    """
    distance = np.linalg.norm(five[:, 1] - five[:, 0], axis=1)
    moved = five + share * distance[:, None, None] * rng.normal(size=five.shape)
    return np.asarray(moved, np.float32)


def whole_matrix(picture: Frame, side_px: int) -> F32:
    """The map (2, 3) that brings the whole picture into the crop."""
    height, width = picture.shape[:2]
    # Pixel centres on pixel centres, as resizing does it.
    x, y = side_px / width, side_px / height
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]], np.float32)
