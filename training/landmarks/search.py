"""Which trees to grow: error against size against milliseconds, on faces kept out of training."""

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
from training.landmarks.examples import examples_of
from training.landmarks.faces import LabelledFace, Split
from training.landmarks.regions import SOURCES
from training.landmarks.trees import TreeOptions, fit, found_points, milliseconds
from training.progress import over

HELD_EVERY = 8  # of the training faces, to judge by
# Leaves are rounded to multiples of this, in sides of the box. A point is a sum over all trees: of
# 3000, the roundings add up to about 16 steps, a sixth of a hundredth of the box.
STEP = 1e-4
# Each crop is shown this often while searching, instead of as often as in the end: the order of
# the options is found in a fraction of the time.
SHOWN = 3
_BASE = replace(TreeOptions(), oversampling_amount=SHOWN)
SEARCH: tuple[TreeOptions, ...] = (
    _BASE,
    replace(_BASE, tree_depth=3),
    replace(_BASE, tree_depth=5, num_trees_per_cascade_level=100),
    replace(_BASE, nu=0.2),
    replace(_BASE, nu=0.05),
    replace(_BASE, lambda_param=0.05),
    replace(_BASE, feature_pool_size=800),
)


# Options by the heads of the table.
_HEADS = {
    "cascade_depth": "levels",
    "num_trees_per_cascade_level": "trees",
    "tree_depth": "depth",
    "nu": "nu",
    "lambda_param": "lambda",
    "feature_pool_size": "pixels",
    "num_test_splits": "splits tried",
}


def divide(split: Split) -> tuple[Split, Split]:
    """The faces to learn from and those to judge by."""
    held = np.arange(len(split.faces)) % HELD_EVERY == 0
    if held.all() or not held.any():
        raise ValueError("There are too few faces to keep some out of training.")
    parts = [
        Split(
            [face for face, k in zip(split.faces, keep, strict=True) if k],
            {name: regions[keep] for name, regions in split.found.items()},
        )
        for keep in (~held, held)
    ]
    return parts[0], parts[1]


def search(
    learn: Split, judge: Split, options: Sequence[TreeOptions], *, threads: int, seed: int
) -> list[dict[str, Any]]:
    """Train with each of the options; a row for the whole model and for its first levels."""
    rows = []
    for chosen in over(options, len(options), "search"):
        examples = examples_of(learn.faces, learn.found, np.random.default_rng(seed))
        model = fit(examples, chosen, threads=threads, seed=seed)
        levels = chosen.cascade_depth
        for first in sorted({levels // 2, levels * 3 // 4, levels} - {0}):
            cut_short = model.first(first)
            shown = replace(chosen, cascade_depth=first)
            rows.append(row(shown, cut_short, judge, examples.crops[:64]))
    return rows


def row(
    options: TreeOptions, model: ShapeModel, judge: Split, crops: Sequence[Any]
) -> dict[str, Any]:
    """What a model as it would be stored costs and how far it is off."""
    stored, size = rounded(model)
    predictor = predictor_of(stored)
    off = {
        source: float(face_errors(found_points(predictor, *seen), true).mean())
        for source in SOURCES
        for seen, true in [_seen(judge, source)]
    }
    return {
        **{head: getattr(options, name) for name, head in _HEADS.items()},
        **{f"error from {source}": round(value, 4) for source, value in off.items()},
        "MB": round(size / 1e6, 2),
        "MB as dlib writes it": round(len(model.dlib_bytes()) / 1e6, 1),
        "ms": round(milliseconds(stored, crops), 3),
    }


def best(rows: Sequence[Mapping[str, Any]], *, most_mb: float, most_ms: float = 0.2) -> TreeOptions:
    """The options of the row with the least error, over all sources, within size and time.

    Trained on all faces, trees of the same number have the same size. Where nothing is small and
    fast enough, the smallest counts.
    """
    fitting = [row for row in rows if row["MB"] <= most_mb and row["ms"] <= most_ms]
    if not fitting:
        fitting = [min(rows, key=lambda row: float(row["MB"]))]
    chosen = min(fitting, key=lambda row: sum(row[f"error from {source}"] for source in SOURCES))
    return TreeOptions(**{name: chosen[head] for name, head in _HEADS.items()})


def rounded(model: ShapeModel, step: float = STEP) -> tuple[ShapeModel, int]:
    """The model as reading its file gives it, and the file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.npz"
        model.write(path, step=step)
        return ShapeModel.read(path), path.stat().st_size


def _seen(judge: Split, source: str) -> tuple[tuple[list[LabelledFace], F32], F32]:
    """The faces that a source found, with their regions, and their points."""
    there = ~np.isnan(judge.found[source]).any(axis=1)
    faces = [face for face, seen in zip(judge.faces, there, strict=True) if seen]
    return (faces, judge.found[source][there]), judge.points[there]
