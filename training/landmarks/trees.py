"""Training a shape predictor with dlib, and running one on many crops."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import dlib
import numpy as np

from realtime.core.faces import F32
from realtime.landmark.dlib68 import (
    POINTS,
    box_in_crop,
    crop_matrices,
    cut,
    predict,
    predictor_of,
    regions_about,
)
from realtime.landmark.shape_model import ShapeModel
from training.landmarks.dlib_file import model_of
from training.landmarks.examples import Examples
from training.landmarks.faces import LabelledFace


@dataclass(frozen=True, slots=True)
class TreeOptions:
    """dlib's options, by its names.

    Attributes:
        cascade_depth: levels; at each the pixels are looked up anew about the shape so far.
        num_trees_per_cascade_level: trees of a level.
        tree_depth: splits on the way to a leaf; a tree has 2 to that power leaves.
        nu: how much of what is left to correct each tree takes on.
        oversampling_amount: times that each crop is shown, each time from another first shape.
        feature_pool_size: pixels of a level.
        num_test_splits: splits tried for each that is taken.
        lambda_param: how near to each other compared pixels are; less is nearer.
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
    """Train on these crops; the same crops, options and seed give the same trees."""
    told = dlib.shape_predictor_training_options()
    for name, value in asdict(options).items():
        setattr(told, name, value)
    told.num_threads, told.random_seed = threads, str(seed)
    return model_of(dlib.train_shape_predictor(examples.crops, examples.points, told))


def found_points(
    predictor: Any, faces: Sequence[LabelledFace], regions: F32, *, looks: int = 1
) -> F32:
    """The points (n, 68, 2) of each face, in pixels of its picture.

    Args:
        predictor: dlib's.
        faces: n faces.
        regions: (n, 4).
        looks: how often each is looked at: from the second time on about what was found before.
    """
    found = np.empty((len(faces), POINTS, 2), np.float32)
    for _ in range(looks):
        for face, matrix, out in zip(faces, crop_matrices(regions), found, strict=True):
            points = predict(predictor, cut(face.picture, matrix))
            out[:] = points @ matrix[:, :2].T + matrix[:, 2]
        regions = regions_about(found)
    return found


def milliseconds(model: ShapeModel, crops: Sequence[Any], *, runs: int = 400) -> float:
    """Median milliseconds that dlib itself takes for one of these crops, in one thread."""
    predictor, box, times = predictor_of(model), box_in_crop(), []
    for i in range(runs + 20):
        start = time.perf_counter_ns()
        predictor(crops[i % len(crops)], box)
        times.append((time.perf_counter_ns() - start) / 1e6)
    return float(np.median(times[20:]))
