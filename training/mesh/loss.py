"""The loss of the mesh: distances of points, the openness of eyes and mouth, and presence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from realtime.core.faces import F32
from realtime.core.landmarks import MESH468
from realtime.landmark.facestream_mesh import POINTS

Tensor = Any
COUNT = MESH468.count
# A row of the truth: points, a weight for each, whether this and its neighbour are one face in two
# frames, presence, and the weight of presence.
COLUMNS, TWIN = POINTS + COUNT + 3, POINTS + COUNT
PERCENT = 100.0  # points are in sides of the crop; errors count in percent of it
DEPTH = 0.3  # weight of z, which nothing but drawing and the head's turn needs
OPENNESS = 0.5
PRESENCE_WEIGHT = 0.7
STEADY = 1.0  # weight of the difference between the errors of two frames: what a viewer sees jitter
SMALL = 0.1  # percent; smaller errors count by their square
EYES, LIPS, REST = 3.0, 2.0, 1.0
# MediaPipe's contours: both eyes, then the lips.
EYE_POINTS = (
    *(33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173),
    *(263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398),
)
LIP_POINTS = (
    *(61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409),
    *(78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415),
)
# Upper and lower point of each eye and of the lips, whose distance tells a blink and a word.
_RIGHT, _LEFT = MESH468.measured.right_eye, MESH468.measured.left_eye
LIDS = (
    *((_RIGHT[1], _RIGHT[5]), (_RIGHT[2], _RIGHT[4]), (159, 145)),
    *((_LEFT[1], _LEFT[5]), (_LEFT[2], _LEFT[4]), (386, 374)),
    *MESH468.measured.lips,
)


def point_weights() -> F32:
    """(468,) float32 with mean 1: how much each point counts."""
    weights = np.full(COUNT, REST, np.float32)
    weights[list(LIP_POINTS)] = LIPS
    weights[list(EYE_POINTS)] = EYES
    normed: F32 = weights / weights.mean()
    return normed


def mesh_loss() -> Callable[[Tensor, Tensor], Tensor]:
    """The loss (n,) of truth (n, `COLUMNS`) and predictions (n, 1405); n is even."""
    important = point_weights()
    upper, lower = (np.array([pair[i] for pair in LIDS]) for i in (0, 1))

    def loss(truth: Tensor, predicted: Tensor) -> Tensor:
        wanted = ops.reshape(truth[:, :POINTS], (-1, COUNT, 3)) * PERCENT
        points = ops.reshape(predicted[:, :POINTS], (-1, COUNT, 3)) * PERCENT
        visible = truth[:, POINTS : POINTS + COUNT]
        error = points - wanted
        distance = length(error[..., :2]) + DEPTH * ops.abs(error[..., 2])
        placed = ops.mean(distance * visible * important, axis=1)
        opened = [ops.take(error, side, axis=1)[..., :2] for side in (upper, lower)]
        seen = ops.take(visible, upper, axis=1)
        openness = ops.sum(ops.abs(opened[0] - opened[1]), axis=-1) * seen
        pairs = ops.reshape(error[..., :2], (-1, 2, COUNT, 2))
        unsteady = ops.repeat(length(pairs[:, 0] - pairs[:, 1]), 2, axis=0)
        steady = ops.mean(unsteady * visible * important, axis=1) * truth[:, TWIN]
        presence, counts = truth[:, -2], truth[:, -1]
        logit = predicted[:, POINTS]
        cross = ops.softplus(logit) - presence * logit
        shape = placed + OPENNESS * ops.mean(openness, axis=1) + STEADY * steady
        return shape + PRESENCE_WEIGHT * cross * counts

    return loss


def length(vectors: Tensor) -> Tensor:
    """The lengths of vectors (…, 2); those under `SMALL` by their square."""
    squared = ops.sum(ops.square(vectors), axis=-1)
    return ops.sqrt(squared + SMALL**2) - SMALL
