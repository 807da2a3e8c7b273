"""Things in front of a face: hands, objects, patches of other pictures."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32

Crop = NDArray[np.uint8]


def occlude(crop: Crop, other: Crop, points: F32, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Put something in front of a face, in place.

    Args:
        crop: (s, s, 3) uint8 BGR.
        other: (t, t, 3) uint8, another crop; a patch of it may be copied.
        points: (k, 2) the face's points in pixels of the crop.
        rng: random generator.

    Returns:
        (k,) whether a point is hidden.
    """
    side = len(crop)
    low, high = points.min(axis=0), points.max(axis=0)
    size = float((high - low).max())
    centre = rng.uniform(low, high)
    cover = np.zeros((side, side), np.uint8)
    kind = rng.integers(3)
    if kind == 0:
        _fingers(cover, centre, size, rng)
    elif kind == 1:
        axes = tuple(int(v) for v in rng.uniform(0.12, 0.45, 2) * size)
        cv2.ellipse(cover, _pixel(centre), axes, rng.uniform(0, 180), 0, 360, (255,), -1)
    else:
        box = (tuple(centre.tolist()), tuple((rng.uniform(0.15, 0.9, 2) * size).tolist()))
        corners = cv2.boxPoints((*box, float(rng.uniform(0, 180))))
        cv2.fillConvexPoly(cover, corners.astype(np.int32), (255,))
    hidden = cover > 0
    if kind == 0 or rng.random() < 0.3:
        # Skin: the face's own colour, in another light.
        colour = crop[side // 2 - 4 : side // 2 + 4, side // 2 - 4 : side // 2 + 4].mean(
            axis=(0, 1)
        )
        colour = colour * np.exp(rng.normal(0, 0.2)) + rng.normal(0, 6, 3)
        edge = cv2.GaussianBlur(cover, (0, 0), side / 40)[..., None] / 255
        crop[:] = np.where(hidden[..., None], np.clip(colour * (0.6 + 0.4 * edge), 0, 255), crop)
    elif rng.random() < 0.5:
        crop[hidden] = rng.integers(0, 256, 3)
    else:
        crop[hidden] = cv2.resize(other, (side, side))[::-1][hidden]
    at = np.clip(np.rint(points), 0, side - 1).astype(int)
    covered: NDArray[np.bool_] = hidden[at[:, 1], at[:, 0]]
    return covered


def _fingers(
    cover: Crop, centre: NDArray[np.float64], size: float, rng: np.random.Generator
) -> None:
    """Draw one to four parallel fingers, and often a palm."""
    angle = rng.uniform(0, 2 * np.pi)
    along = np.array([np.cos(angle), np.sin(angle)])
    across = np.array([-along[1], along[0]])
    width = size * rng.uniform(0.09, 0.16)
    count = int(rng.integers(1, 5))
    for i in range(count):
        start = centre + across * width * 1.15 * (i - (count - 1) / 2)
        tip = start + along * size * rng.uniform(0.1, 0.4)
        cv2.line(cover, _pixel(start - along * size), _pixel(tip), (255,), max(1, round(width)))
    if rng.random() < 0.5:
        palm = centre - along * size * 0.4
        radius = (int(size * rng.uniform(0.2, 0.4)), int(size * rng.uniform(0.2, 0.4)))
        cv2.ellipse(cover, _pixel(palm), radius, np.degrees(angle), 0, 360, (255,), -1)


def _pixel(point: NDArray[np.float64]) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))
