"""Metrics of each compressed network, compared with the uncompressed one."""

from __future__ import annotations

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.compress.faces import EvaluationFaces
from training.compress.timing import Timing
from training.evaluate import Figure, predict
from training.report import Evaluation
from training.results import figures

Row = dict[str, Any]


def evaluate_variants(
    paths: Mapping[str, Path],
    sets: Mapping[str, EvaluationFaces],
    labels: Sequence[str],
    timings: Mapping[str, Timing],
    facts: Mapping[str, Mapping[str, Any]],
) -> list[Row]:
    """Compute one row of metrics per network.

    Args:
        paths: LiteRT files by name; the first is the reference for the others.
        sets: the faces to evaluate on: `validation` and `test`.
        labels: class names.
        timings: latency by name.
        facts: facts from building each network, by name.

    Returns:
        Rows in the format of `table.json`.
    """
    reference: dict[str, F32] = {}
    rows = []
    for name, path in paths.items():
        network, data = LiteRTModel(path), path.read_bytes()
        row: Row = {"name": name, "bytes": len(data), "gzip_bytes": len(gzip.compress(data, 9))}
        for batch, ms in timings[name].ms.items():
            row[f"ms_batch_{batch}"] = round(ms, 4)
            row[f"ratio_batch_{batch}"] = round(timings[name].ratio[batch], 3)
        for kind, faces in sets.items():
            prob = predict(network, faces.crops)
            before = reference.setdefault(kind, prob)
            metrics = figures(Evaluation(faces.name, kind, labels, faces.truth, prob))
            gain = accuracy_gain(prob, before, faces.truth)
            same = float(np.mean(prob.argmax(axis=1) == before.argmax(axis=1)))
            row[kind] = metrics | {"gain": gain.rounded(), "same_answers": round(same, 4)}
        rows.append(row | {"facts": dict(facts[name])})
    return rows


def accuracy_gain(
    prob: F32, before: F32, truth: NDArray[np.int64], *, draws: int = 1000, seed: int = 0
) -> Figure:
    """Paired difference of accuracy between two networks on the same faces.

    Pairing removes the variation between faces, so the interval is much narrower than those of the
    two accuracies.

    Args:
        prob: (n, k) probabilities of the network.
        before: (n, k) probabilities of the reference.
        truth: (n,) class indices.
        draws: number of bootstrap samples.
        seed: random seed.

    Returns:
        The difference of accuracies and its 95 % percentile bootstrap interval over faces.
    """
    change = (prob.argmax(axis=1) == truth).astype(int) - (before.argmax(axis=1) == truth)
    counts = np.array([(change == k).sum() for k in (-1, 0, 1)])
    n = max(int(counts.sum()), 1)
    drawn = np.random.default_rng(seed).multinomial(counts.sum(), counts / n, size=draws)
    low, high = np.percentile((drawn[:, 2] - drawn[:, 0]) / n, [2.5, 97.5])
    return Figure(float((counts[2] - counts[0]) / n), float(low), float(high))
