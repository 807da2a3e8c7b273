"""Crops with points in them, as dlib's trainer takes them."""

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


@dataclass(frozen=True, slots=True)
class Jitter:
    """Spread of the changes made to each region, beside the errors that it has by itself.

    Attributes:
        shift: of the centre, in sides of the region.
        scale: of the log of the side.
        turn_rad: of the angle.
    """

    shift: float = 0.01
    scale: float = 0.03
    turn_rad: float = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """What dlib's trainer takes: gray crops, and the points of the one face in each."""

    crops: list[NDArray[np.uint8]]
    points: list[list[Any]]


def examples_of(
    faces: Sequence[LabelledFace],
    found: dict[str, F32],
    rng: np.random.Generator,
    *,
    sources: Iterable[str] = SOURCES,
    jitter: Jitter | None = None,
) -> Examples:
    """Each face and its mirror image, cut about every region in which it may be looked for.

    The regions are those that detector and mesh really give on these pictures, so that they err
    as they will later, more so on turned faces; each is changed a little besides.
    """
    jitter = jitter or Jitter()
    crops, points = [], []
    for i, face in enumerate(faces):
        for flip in (False, True):
            shown = face.mirrored() if flip else face
            for source in sources:
                region = found[source][i].copy()
                if np.isnan(region).any():
                    continue
                if flip:
                    region[0] = face.picture.shape[1] - 1 - region[0]
                    region[3] = -region[3]
                region[:2] += rng.normal(0, jitter.shift, 2) * region[2]
                region[2] *= np.exp(rng.normal(0, jitter.scale))
                region[3] += rng.normal(0, jitter.turn_rad)
                matrix = crop_matrices(region[None])[0]
                crops.append(cut(shown.picture, matrix))
                points.append([_object(in_crop(shown.points, matrix))])
    return Examples(crops, points)


def in_crop(points: F32, matrix: F32) -> F32:
    """Points of the frame (k, 2) in pixels of the crop, by the crop's map to the frame (2, 3)."""
    return np.asarray(np.linalg.solve(matrix[:, :2], (points - matrix[:, 2]).T).T, np.float32)


def _object(points: F32) -> Any:
    parts = [dlib.point(int(x), int(y)) for x, y in np.rint(points)]
    return dlib.full_object_detection(box_in_crop(), parts)
