"""The detector's loss in keras.ops: quality focal loss, GIoU loss and landmark distance.

https://arxiv.org/abs/2006.04388 (quality focal loss), https://arxiv.org/abs/1902.09630 (GIoU).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from keras import ops

from realtime.detect.facestream import STRIDES, cell_centres
from training.detector.targets import BACKGROUND, FACE

Tensor = Any
BOX_WEIGHT = 2.0
POINT_WEIGHT = 1.0


def detection_loss(side_px: int) -> Callable[[Tensor, Tensor], Tensor]:
    """The loss of outputs (n, cells, 15) against `targets.targets` (n, cells, 16).

    Args:
        side_px: side of the square training views.
    """
    grids = [cell_centres(side_px, side_px, s) for s in STRIDES]
    centres = np.concatenate(grids)
    strides = np.concatenate([np.full(len(g), s) for g, s in zip(grids, STRIDES, strict=True)])
    step = strides.astype(np.float32)[:, None]

    def loss(truth: Tensor, output: Tensor) -> Tensor:
        state, box = truth[..., 0], truth[..., 1:5]
        face = ops.cast(ops.equal(state, FACE), "float32")
        counted = ops.cast(ops.greater_equal(state, BACKGROUND), "float32")
        faces = ops.maximum(ops.sum(face), 1.0)
        overlap, gap = _overlap(_boxes(output, centres, step), box)
        quality = ops.stop_gradient(overlap) * face
        logit = output[..., 0]
        entropy = ops.softplus(logit) - quality * logit
        focus = ops.square(quality - ops.sigmoid(logit))
        score = ops.sum(counted * focus * entropy) / faces
        boxes = ops.sum(face * (1 - overlap + gap)) / faces  # 1 - GIoU
        points = _points(truth, output, centres, step, face)
        return 2.0 * score + BOX_WEIGHT * boxes + POINT_WEIGHT * points

    return loss


def _boxes(output: Tensor, centres: Tensor, step: Tensor) -> Tensor:
    """Decode the cells' outputs to boxes (n, cells, 4) in pixels."""
    middle = centres + output[..., 1:3] * step
    half = ops.exp(ops.clip(output[..., 3:5], -4.0, 6.0)) * step / 2
    return ops.concatenate([middle - half, middle + half], axis=-1)


def _overlap(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """IoU, and the fraction of the enclosing box that neither box covers, each (n, cells)."""
    shared = _area(ops.maximum(a[..., :2], b[..., :2]), ops.minimum(a[..., 2:], b[..., 2:]))
    hull = _area(ops.minimum(a[..., :2], b[..., :2]), ops.maximum(a[..., 2:], b[..., 2:]))
    union = _area(a[..., :2], a[..., 2:]) + _area(b[..., :2], b[..., 2:]) - shared
    return shared / ops.maximum(union, 1e-6), (hull - union) / ops.maximum(hull, 1e-6)


def _area(low: Tensor, high: Tensor) -> Tensor:
    sides = ops.maximum(high - low, 0.0)
    return sides[..., 0] * sides[..., 1]


def _points(truth: Tensor, output: Tensor, centres: Tensor, step: Tensor, face: Tensor) -> Tensor:
    """Smooth L1 distance of the known landmarks, relative to the face's size."""
    known = face * truth[..., 15]
    side = ops.sqrt(ops.maximum(_area(truth[..., 1:3], truth[..., 3:5]), 1.0))
    origin = ops.convert_to_tensor(np.tile(centres, (1, 5)))
    error = (origin + output[..., 5:15] * step - truth[..., 5:15]) / side[..., None]
    size = ops.abs(error)
    smooth = ops.where(size < 0.05, 10.0 * ops.square(error), size - 0.025)
    return ops.sum(known[..., None] * smooth) / 10.0 / ops.maximum(ops.sum(known), 1.0) * 5.0
