"""Classification metrics: accuracy, F1 and calibration, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.intervals import wilson

Labels = NDArray[np.int64]
CHUNK = 256


def predict(network: LiteRTModel, crops: NDArray[np.uint8]) -> F32:
    """Probabilities (n, k) of crops (n, side, side, c), run as in the live pipeline."""
    parts = [
        network(crops[i : i + CHUNK].astype(np.float32))[0] for i in range(0, len(crops), CHUNK)
    ]
    return np.concatenate(parts) if parts else network(crops.astype(np.float32))[0]


def confusion(truth: Labels, predicted: Labels, classes: int) -> NDArray[np.int64]:
    """Confusion matrix (classes, classes) of counts: rows are true, columns predicted classes."""
    flat = np.bincount(truth * classes + predicted, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def accuracy(matrix: NDArray[Any]) -> float:
    """Share of correct predictions, from a confusion matrix."""
    return float(np.trace(matrix) / max(matrix.sum(), 1))


def recalls(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Recall of each class; 0 for a class that does not occur."""
    result: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)
    return result


def precisions(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Precision of each class; 0 for a class that is never predicted."""
    result: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=0), 1)
    return result


def f1_scores(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """F1 of each class; 0 for a class that neither occurs nor is predicted."""
    total = matrix.sum(axis=0) + matrix.sum(axis=1)
    result: NDArray[np.float64] = 2 * np.diag(matrix) / np.maximum(total, 1)
    return result


def macro_f1(matrix: NDArray[Any]) -> float:
    """Mean F1 over the classes that occur."""
    return float(f1_scores(matrix)[matrix.sum(axis=1) > 0].mean())


def balanced_accuracy(matrix: NDArray[Any]) -> float:
    """Mean recall over the classes that occur."""
    return float(recalls(matrix)[matrix.sum(axis=1) > 0].mean())


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """A reliability diagram: accuracy by equal-width bins of confidence.

    Attributes:
        edges: (bins + 1,) bin edges from 0 to 1.
        count: (bins,) faces per bin.
        confidence: (bins,) mean top probability, NaN for an empty bin.
        accuracy: (bins,) share of correct answers, NaN for an empty bin.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def reliability(prob: F32, truth: Labels, *, bins: int = 15) -> Reliability:
    """The reliability diagram of probabilities (n, k), https://arxiv.org/abs/1706.04599."""
    top, correct = prob.max(axis=1, initial=0), prob.argmax(axis=1) == truth
    place = np.minimum((top * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, top, bins) / count
        share = np.bincount(place, correct, bins) / count
    return Reliability(np.linspace(0, 1, bins + 1), count, confidence, share)


def calibration_error(prob: F32, truth: Labels, *, bins: int = 15) -> float:
    """Expected calibration error over equal-width bins, weighted by faces; 0 without faces."""
    diagram = reliability(prob, truth, bins=bins)
    gap = np.nan_to_num(np.abs(diagram.accuracy - diagram.confidence))
    return float((gap * diagram.count).sum() / max(len(prob), 1))


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric with its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"

    def rounded(self) -> dict[str, Any]:
        """Value and interval rounded to four digits, as stored in model cards."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
        }


def bootstrap(
    measure: Callable[[NDArray[np.int64]], float],
    truth: Labels,
    predicted: Labels,
    classes: int,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Figure:
    """A metric of the confusion matrix with its 95 % percentile bootstrap interval over faces.

    Args:
        measure: confusion matrix to metric.
        truth: (n,) true classes.
        predicted: (n,) predicted classes.
        classes: number of classes.
        draws: bootstrap samples.
        seed: seed of the samples.
    """
    matrix = confusion(truth, predicted, classes)
    # Resampling faces equals a multinomial draw of the matrix's cells, which is much faster.
    share = matrix.ravel() / max(matrix.sum(), 1)
    rng = np.random.default_rng(seed)
    if matrix.sum() == 0:
        return Figure(0.0, 0.0, 0.0)
    drawn = rng.multinomial(int(matrix.sum()), share, size=draws).reshape(-1, classes, classes)
    values = [measure(m) for m in drawn]
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(measure(matrix), float(low), float(high))


def bootstrap_classes(
    truth: Labels, predicted: Labels, labels: Sequence[str]
) -> dict[str, dict[str, Figure]]:
    """Recall, precision and F1 by label, with their 95 % intervals."""
    measures = {"recall": recalls, "precision": precisions, "f1": f1_scores}

    def interval(measure: Callable[[NDArray[Any]], NDArray[np.float64]], row: int) -> Figure:
        return bootstrap(lambda m: float(measure(m)[row]), truth, predicted, len(labels))

    return {
        label: {name: interval(measure, row) for name, measure in measures.items()}
        for row, label in enumerate(labels)
    }


def per_class(matrix: NDArray[np.int64], labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Count, recall with its 95 % interval, precision and F1 by label."""
    table = zip(
        labels,
        np.diag(matrix),
        matrix.sum(axis=1),
        recalls(matrix),
        precisions(matrix),
        f1_scores(matrix),
        strict=True,
    )
    return {
        label: {
            "n": int(n),
            "recall": round(float(recall), 4),
            "recall_interval": [round(end, 4) for end in wilson(int(hits), int(n))],
            "precision": round(float(precision), 4),
            "f1": round(float(f1), 4),
        }
        for label, hits, n, recall, precision, f1 in table
    }


def bootstrap_calibration(
    prob: F32, truth: Labels, *, bins: int = 15, draws: int = 1000, seed: int = 0
) -> Figure:
    """The calibration error with its 95 % percentile bootstrap interval over faces.

    Resampling noise adds to this error, so the interval is biased upwards: for a well-calibrated
    network the value itself can lie below it.
    """
    value = calibration_error(prob, truth, bins=bins)
    if len(prob) == 0:
        return Figure(0.0, 0.0, 0.0)
    rng = np.random.default_rng(seed)
    rows = (rng.integers(0, len(prob), len(prob)) for _ in range(draws))
    values = [calibration_error(prob[r], truth[r], bins=bins) for r in rows]
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(value, float(low), float(high))


@dataclass(frozen=True, slots=True)
class Bin:
    """Accuracy of the `n` faces with a quality in [`low`, `high`)."""

    low: float
    high: float
    n: int
    accuracy: Figure


def accuracy_by(
    values: NDArray[Any], edges: Sequence[float], prob: F32, truth: Labels
) -> list[Bin]:
    """Accuracy by bins of an image quality: face size, sharpness or yaw.

    Args:
        values: (n,) the quality; faces with NaN or a value outside the edges are ignored.
        edges: ascending bin edges; may be infinite.
        prob: (n, k) probabilities.
        truth: (n,) true classes.

    Returns:
        One bin per pair of edges, without the empty ones.
    """
    correct = (prob.argmax(axis=1) == truth).astype(np.int64)
    rows = []
    for low, high in pairwise(edges):
        inside = correct[(values >= low) & (values < high)]
        if len(inside):
            figure = bootstrap(accuracy, np.ones_like(inside), inside, 2)
            rows.append(Bin(float(low), float(high), len(inside), figure))
    return rows
