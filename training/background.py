"""Hiding what lies outside of a face, so that a network cannot rely on hair, hands or background.

Pictures of some sources show the face's oval alone; a network that never saw such pictures takes
most of their faces for neutral.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.crops import JAW

MIN_FOREHEAD, MAX_FOREHEAD = 0.45, 0.75  # height above the ears, of the height below them


def hide_background(
    crop: NDArray[np.uint8], outline: F32, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """A copy of a crop in which one random level replaces everything outside of the face's oval.

    Args:
        crop: (h, w, c) uint8.
        outline: (30, 2) mesh points `training.crops.OUTLINE` in crop pixels.
        rng: random generator.
    """
    jaw = outline[: len(JAW)]
    ears = (jaw[0] + jaw[-1]) / 2
    rise = rng.uniform(MIN_FOREHEAD, MAX_FOREHEAD)
    forehead = np.stack([jaw[:, 0], ears[1] - rise * (jaw[:, 1] - ears[1])], axis=1)
    oval = cv2.convexHull(np.concatenate([jaw, forehead]).astype(np.float32)).astype(np.int32)
    face = np.zeros(crop.shape[:2], np.uint8)
    cv2.fillConvexPoly(face, oval, (1,))
    level = rng.integers(10, 246, crop.shape[2])
    hidden: NDArray[np.uint8] = np.where(face[..., None] > 0, crop, level).astype(np.uint8)
    return hidden
