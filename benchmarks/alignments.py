"""Alignment methods that the live pipeline does not use, for comparison with its own."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32, Frame
from realtime.landmark.align import TEMPLATE


def eye_matrices(eyes: F32, side_px: int, *, zoom: float = 1.0) -> F32:
    """Like `crop_matrices`, but aligns only the centres of the two eyes.

    Args:
        eyes: (n, 2, 2) eye centres in pixels of the frame.
        side_px: Side of the square crop.
        zoom: Over 1 shows the face larger, under 1 shows more around it.

    Returns:
        (n, 2, 3) similarity transforms from frame to crop.
    """
    target = ((TEMPLATE[:2] - 0.5) * zoom + 0.5) * side_px
    p, q = eyes[..., 0] + 1j * eyes[..., 1], target[:, 0] + 1j * target[:, 1]
    span = p[:, 1] - p[:, 0]
    a = (q[1] - q[0]) / np.where(np.abs(span) < 1e-3, 1e-3, span)
    b = q[0] - a * p[:, 0]
    rows = [np.stack([a.real, -a.imag, b.real], 1), np.stack([a.imag, a.real, b.imag], 1)]
    return np.asarray(np.stack(rows, axis=1), np.float32)


def add_noise(points: F32, noise: float, rng: np.random.Generator) -> F32:
    """Add Gaussian noise to each coordinate of alignment points.

    Args:
        points: (n, 5, 2) alignment points; the first two are the eyes.
        noise: Standard deviation as a fraction of the distance between the eyes.
        rng: Random number generator.

    Returns:
        (n, 5, 2) the noisy points.
    """
    distance = np.linalg.norm(points[:, 1] - points[:, 0], axis=1)
    noisy = points + noise * distance[:, None, None] * rng.normal(size=points.shape)
    return np.asarray(noisy, np.float32)


def full_image_matrix(image: Frame, side_px: int) -> F32:
    """The affine transform (2, 3) that scales the whole image to the crop."""
    height, width = image.shape[:2]
    # Aligns pixel centres, as image resizing does.
    x, y = side_px / width, side_px / height
    return np.array([[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]], np.float32)
