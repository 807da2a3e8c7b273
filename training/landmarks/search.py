"""Hyperparameter search for the trees: error, size and latency on held-out training faces."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.dlib68 import predictor_of
from realtime.landmark.shape_model import ShapeModel
from training.landmarks.errors import face_errors
from training.landmarks.examples import make_examples
from training.landmarks.faces import LabelledFace, Split
from training.landmarks.regions import SOURCES
from training.landmarks.trees import TreeOptions, fit, median_ms, predict_points
from training.progress import over

VALIDATION_EVERY = 8  # every eighth training face is held out for validation
# Leaves are quantised to multiples of this, in sides of the box. A point is a sum over all trees:
# over 3000 trees, the rounding errors add up to about 16 steps, 0.16 % of the box.
STEP = 1e-4
# Less oversampling than in the final training: it ranks the options in a fraction of the time.
SEARCH_OVERSAMPLING = 3
_BASE = replace(TreeOptions(), oversampling_amount=SEARCH_OVERSAMPLING)
SEARCH: tuple[TreeOptions, ...] = (
    _BASE,
    replace(_BASE, tree_depth=3),
    replace(_BASE, tree_depth=5, num_trees_per_cascade_level=100),
    replace(_BASE, nu=0.2),
    replace(_BASE, nu=0.05),
    replace(_BASE, lambda_param=0.05),
    replace(_BASE, feature_pool_size=800),
)

# Column of each option in the table and in search.json.
_COLUMNS = {
    "cascade_depth": "levels",
    "num_trees_per_cascade_level": "trees",
    "tree_depth": "depth",
    "nu": "nu",
    "lambda_param": "lambda",
    "feature_pool_size": "pixels",
    "num_test_splits": "splits tried",
}


def split_validation(split: Split) -> tuple[Split, Split]:
    """Split the faces into training and validation.

    Raises:
        ValueError: there are too few faces.
    """
    held_out = np.arange(len(split.faces)) % VALIDATION_EVERY == 0
    if held_out.all() or not held_out.any():
        raise ValueError("Too few faces for a validation split.")
    parts = [
        Split(
            [face for face, k in zip(split.faces, keep, strict=True) if k],
            {name: regions[keep] for name, regions in split.regions.items()},
        )
        for keep in (~held_out, held_out)
    ]
    return parts[0], parts[1]


def search(
    train: Split, validation: Split, options: Sequence[TreeOptions], *, threads: int, seed: int
) -> list[dict[str, Any]]:
    """Train with each set of options and evaluate the model, whole and truncated.

    Returns:
        A row per model: half, three quarters and all of the cascade's levels.
    """
    rows = []
    for candidate in over(options, len(options), "search"):
        examples = make_examples(train.faces, train.regions, np.random.default_rng(seed))
        model = fit(examples, candidate, threads=threads, seed=seed)
        levels = candidate.cascade_depth
        for first in sorted({levels // 2, levels * 3 // 4, levels} - {0}):
            truncated = replace(candidate, cascade_depth=first)
            rows.append(evaluate(truncated, model.first(first), validation, examples.crops[:64]))
    return rows


def evaluate(
    options: TreeOptions, model: ShapeModel, validation: Split, crops: Sequence[Any]
) -> dict[str, Any]:
    """A table row: the options, and the error, size and latency of the quantised model."""
    stored, size = quantised(model)
    predictor = predictor_of(stored)
    error = {
        source: float(face_errors(predict_points(predictor, *detected), true).mean())
        for source in SOURCES
        for detected, true in [_detected(validation, source)]
    }
    return {
        **{column: getattr(options, name) for name, column in _COLUMNS.items()},
        **{f"error from {source}": round(value, 4) for source, value in error.items()},
        "MB": round(size / 1e6, 2),
        "MB as dlib writes it": round(len(model.dlib_bytes()) / 1e6, 1),
        "ms": round(median_ms(stored, crops), 3),
    }


def best(rows: Sequence[Mapping[str, Any]], *, max_mb: float, max_ms: float = 0.2) -> TreeOptions:
    """The options with the lowest error, summed over sources, within the size and latency limits.

    The size does not depend on the number of training faces, so it also holds for the final model.
    If no model is within the limits, the smallest is chosen.
    """
    candidates = [row for row in rows if row["MB"] <= max_mb and row["ms"] <= max_ms]
    if not candidates:
        candidates = [min(rows, key=lambda row: float(row["MB"]))]
    chosen = min(candidates, key=lambda row: sum(row[f"error from {source}"] for source in SOURCES))
    return TreeOptions(**{name: chosen[column] for name, column in _COLUMNS.items()})


def quantised(model: ShapeModel, step: float = STEP) -> tuple[ShapeModel, int]:
    """The model after a round trip through its quantised file, and the file's size in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        model.write(path, step=step)
        return ShapeModel.read(path), path.stat().st_size


def _detected(split: Split, source: str) -> tuple[tuple[list[LabelledFace], F32], F32]:
    """The faces detected by a source with their regions, and their labelled points."""
    detected = ~np.any(np.isnan(split.regions[source]), axis=1)
    faces = [face for face, keep in zip(split.faces, detected, strict=True) if keep]
    return (faces, split.regions[source][detected]), split.points[detected]
