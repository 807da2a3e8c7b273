"""Training a dlib shape predictor, and running it on many faces."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dlib
import numpy as np

from realtime.core.faces import F32
from realtime.core.landmarks import POINTS68
from realtime.landmark.dlib68 import (
    box_in_crop,
    crop_matrices,
    cut,
    predict,
    predictor_of,
    regions_from_points,
)
from realtime.landmark.shape_model import ShapeModel
from training.landmarks.dlib_file import model_of
from training.landmarks.examples import Examples
from training.landmarks.faces import LabelledFace


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeOptions:
    """dlib's training options, under dlib's names.

    Attributes:
        cascade_depth: levels of the cascade; each samples pixels relative to the current shape.
        num_trees_per_cascade_level: trees per level.
        tree_depth: depth of each tree, which has 2**tree_depth leaves.
        nu: shrinkage: the fraction of the residual that each tree corrects.
        oversampling_amount: how often each crop is used, with different initial shapes.
        feature_pool_size: pixels sampled per level.
        num_test_splits: random splits tried per node.
        lambda_param: distance scale of compared pixels; smaller values compare closer pixels.
    """

    cascade_depth: int = 12
    num_trees_per_cascade_level: int = 160
    tree_depth: int = 4
    nu: float = 0.1
    oversampling_amount: int = 10
    feature_pool_size: int = 400
    num_test_splits: int = 20
    lambda_param: float = 0.1


def fit(examples: Examples, options: TreeOptions, *, threads: int = 1, seed: int = 0) -> ShapeModel:
    """Train on these crops; deterministic for the same crops, options and seed."""
    dlib_options = dlib.shape_predictor_training_options()
    for name, value in asdict(options).items():
        setattr(dlib_options, name, value)
    dlib_options.num_threads, dlib_options.random_seed = threads, str(seed)
    return model_of(dlib.train_shape_predictor(examples.crops, examples.points, dlib_options))


def predict_points(
    predictor: Any, faces: Sequence[LabelledFace], regions: F32, *, passes: int = 1
) -> F32:
    """Predict the points of each face.

    Args:
        predictor: a `dlib.shape_predictor`.
        faces: n faces.
        regions: (n, 4).
        passes: number of passes; from the second on, regions are those of the previous points.

    Returns:
        (n, 68, 2) in pixels of each face's picture.
    """
    predicted = np.empty((len(faces), POINTS68.count, 2), np.float32)
    for _ in range(passes):
        for face, matrix, out in zip(faces, crop_matrices(regions), predicted, strict=True):
            points = predict(predictor, cut(face.picture, matrix))
            out[:] = points @ matrix[:, :2].T + matrix[:, 2]
        regions = regions_from_points(predicted)
    return predicted


def median_ms(model: ShapeModel, crops: Sequence[Any], *, runs: int = 400) -> float:
    """Median latency of dlib's predictor on one crop, in milliseconds, with one thread."""
    predictor, box, times = predictor_of(model), box_in_crop(), []
    for i in range(runs + 20):
        start = time.perf_counter_ns()
        predictor(crops[i % len(crops)], box)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return float(np.median(times[20:]))
