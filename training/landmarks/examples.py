"""Training examples for dlib: crops of faces and the points inside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import dlib
import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.landmark.dlib68 import box_in_crop, crop_matrices, cut
from training.landmarks.faces import LabelledFace
from training.landmarks.regions import SOURCES


@dataclass(frozen=True, slots=True, kw_only=True)
class Jitter:
    """Standard deviations of the random changes to each region.

    Attributes:
        shift: of the centre, in sides of the region.
        scale: of the logarithm of the side.
        turn_rad: of the angle in radians.
    """

    shift: float = 0.01
    scale: float = 0.03
    turn_rad: float = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """Gray crops, and for each a list with the one labelled face in it, as dlib expects."""

    crops: list[NDArray[np.uint8]]
    points: list[list[Any]]


def make_examples(
    faces: Sequence[LabelledFace],
    regions: dict[str, F32],
    rng: np.random.Generator,
    *,
    sources: Iterable[str] = SOURCES,
    jitter: Jitter | None = None,
) -> Examples:
    """Crop each face and its mirror image by the region of every source, with some jitter.

    The regions are real outputs of the detector and the mesh, so the trees are trained on the
    errors that they meet at run time, which are larger on turned faces.

    Args:
        faces: n labelled faces.
        regions: by source, (n, 4), see `regions.detect_regions`; NaN where there is none.
        rng: random generator for the jitter.
        sources: which regions to use.
        jitter: size of the random changes.
    """
    jitter = jitter or Jitter()
    crops, points = [], []
    for i, face in enumerate(faces):
        for flip in (False, True):
            oriented = face.mirrored() if flip else face
            for source in sources:
                region = regions[source][i].copy()
                if np.isnan(region).any():
                    continue
                if flip:
                    region[0] = face.picture.shape[1] - 1 - region[0]
                    region[3] = -region[3]
                region[:2] += rng.normal(0, jitter.shift, 2) * region[2]
                region[2] *= np.exp(rng.normal(0, jitter.scale))
                region[3] += rng.normal(0, jitter.turn_rad)
                matrix = crop_matrices(region[None])[0]
                crops.append(cut(oriented.picture, matrix))
                points.append([_to_dlib(points_in_crop(oriented.points, matrix))])
    return Examples(crops, points)


def points_in_crop(points: F32, matrix: F32) -> F32:
    """Convert points (k, 2) from frame to crop pixels; `matrix` (2, 3) maps crop to frame."""
    return np.asarray(np.linalg.solve(matrix[:, :2], (points - matrix[:, 2]).T).T, np.float32)


def _to_dlib(points: F32) -> Any:
    parts = [dlib.point(int(x), int(y)) for x, y in np.rint(points)]
    return dlib.full_object_detection(box_in_crop(), parts)
