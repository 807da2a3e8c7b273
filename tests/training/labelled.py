"""Synthetic labelled faces for the tests of landmark training."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.dlib68 import regions_from_points
from training.landmarks.faces import LabelledFace
from training.landmarks.regions import SOURCES


def labelled(seed: int = 0, side: int = 200) -> LabelledFace:
    """A noise picture with random points around its centre and level eyes."""
    rng = np.random.default_rng(seed)
    points = rng.uniform(0.3, 0.7, (68, 2)) * side
    points[36], points[45] = (0.35 * side, 0.4 * side), (0.65 * side, 0.4 * side)
    picture = rng.integers(0, 256, (side, side, 3)).astype(np.uint8)
    return LabelledFace(picture, points.astype(np.float32))


def ideal_regions(faces: list[LabelledFace]) -> dict[str, F32]:
    regions = regions_from_points(np.stack([face.points for face in faces]))
    return {source: regions.copy() for source in SOURCES}
