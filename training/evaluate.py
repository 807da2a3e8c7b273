"""Figures of a classifier: accuracy, F1 and calibration, with bootstrap intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel

Labels = NDArray[np.int64]
CHUNK = 256


def predict(network: LiteRTModel, crops: NDArray[np.uint8]) -> F32:
    """Probabilities (n, k) of crops (n, side, side, c), run as the live system runs them."""
    parts = [
        network(crops[i : i + CHUNK].astype(np.float32))[0] for i in range(0, len(crops), CHUNK)
    ]
    return np.concatenate(parts) if parts else network(crops.astype(np.float32))[0]


def confusion(truth: Labels, guess: Labels, classes: int) -> NDArray[np.int64]:
    """(classes, classes) counts: rows are the truth, columns the guesses."""
    flat = np.bincount(truth * classes + guess, minlength=classes * classes)
    return flat.reshape(classes, classes).astype(np.int64)


def accuracy(matrix: NDArray[Any]) -> float:
    """Share of right guesses."""
    return float(np.trace(matrix) / max(matrix.sum(), 1))


def recalls(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Share of each class that is guessed right; 0 for a class that does not occur."""
    result: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=1), 1)
    return result


def precisions(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Share of each class's guesses that are right; 0 for a class never guessed."""
    result: NDArray[np.float64] = np.diag(matrix) / np.maximum(matrix.sum(axis=0), 1)
    return result


def f1_scores(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """F1 of each class: 2 hits / (occurrences + guesses)."""
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
    """How confidence and accuracy agree, by even bins of confidence from 0 to 1.

    Attributes:
        edges: (bins + 1,) where the bins begin and end.
        count: (bins,) faces in each.
        confidence: (bins,) mean of the highest probability, NaN where there is no face.
        accuracy: (bins,) share of right answers, NaN where there is no face.
    """

    edges: NDArray[np.float64]
    count: NDArray[np.int64]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


def reliability(prob: F32, truth: Labels, *, bins: int = 15) -> Reliability:
    """The reliability diagram of probabilities (n, k), https://arxiv.org/abs/1706.04599."""
    sure, right = prob.max(axis=1, initial=0), prob.argmax(axis=1) == truth
    place = np.minimum((sure * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        confidence = np.bincount(place, sure, bins) / count
        share = np.bincount(place, right, bins) / count
    return Reliability(np.linspace(0, 1, bins + 1), count, confidence, share)


def calibration_error(prob: F32, truth: Labels, *, bins: int = 15) -> float:
    """Expected calibration error: the mean gap of confidence and accuracy over even bins."""
    found = reliability(prob, truth, bins=bins)
    gap = np.nan_to_num(np.abs(found.accuracy - found.confidence))
    return float((gap * found.count).sum() / max(len(prob), 1))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and the ends of its 95 % bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"

    def rounded(self) -> dict[str, Any]:
        """As a card writes it: the value and its interval, to four digits."""
        return {
            "value": round(self.value, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
        }


def bootstrap(
    measure: Callable[[NDArray[np.int64]], float],
    truth: Labels,
    guess: Labels,
    classes: int,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Figure:
    """A figure of the confusion matrix and its 95 % percentile bootstrap interval over faces."""
    matrix = confusion(truth, guess, classes)
    # Drawing faces anew is drawing the cells of the matrix anew, which is much faster.
    share = matrix.ravel() / max(matrix.sum(), 1)
    rng = np.random.default_rng(seed)
    if matrix.sum() == 0:
        return Figure(0.0, 0.0, 0.0)
    drawn = rng.multinomial(int(matrix.sum()), share, size=draws).reshape(-1, classes, classes)
    values = [measure(m) for m in drawn]
    low, high = np.percentile(values, [2.5, 97.5])
    return Figure(measure(matrix), float(low), float(high))


def bootstrap_classes(
    truth: Labels, guess: Labels, labels: Sequence[str]
) -> dict[str, dict[str, Figure]]:
    """Recall, precision and F1 of each label with their intervals."""
    measures = {"recall": recalls, "precision": precisions, "f1": f1_scores}

    def interval(measure: Callable[[NDArray[Any]], NDArray[np.float64]], row: int) -> Figure:
        return bootstrap(lambda m: float(measure(m)[row]), truth, guess, len(labels))

    return {
        label: {name: interval(measure, row) for name, measure in measures.items()}
        for row, label in enumerate(labels)
    }


def per_class(matrix: NDArray[np.int64], labels: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Count, recall, precision and F1 by label."""
    table = zip(
        labels,
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
            "precision": round(float(precision), 4),
            "f1": round(float(f1), 4),
        }
        for label, n, recall, precision, f1 in table
    }


def bootstrap_calibration(
    prob: F32, truth: Labels, *, bins: int = 15, draws: int = 1000, seed: int = 0
) -> Figure:
    """The calibration error and its 95 % percentile bootstrap interval over faces.

    Drawing faces anew adds noise, which this error counts as a gap, so the interval lies a little
    high: of a well calibrated network the value itself can be below it.
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
    """Accuracy of the n faces whose quality is at least `low` and under `high`."""

    low: float
    high: float
    n: int
    accuracy: Figure


def accuracy_by(
    values: NDArray[Any], edges: Sequence[float], prob: F32, truth: Labels
) -> list[Bin]:
    """Accuracy by bins of a quality of the faces: their size, sharpness or turn.

    Args:
        values: (n,) the quality; faces with NaN, or outside the edges, are in no bin.
        edges: ascending; infinite ones leave an end open.
        prob: (n, k) the answers.
        truth: (n,) the right classes.

    Returns:
        A row for each bin that holds faces.
    """
    right = (prob.argmax(axis=1) == truth).astype(np.int64)
    rows = []
    for low, high in pairwise(edges):
        inside = right[(values >= low) & (values < high)]
        if len(inside):
            figure = bootstrap(accuracy, np.ones_like(inside), inside, 2)
            rows.append(Bin(float(low), float(high), len(inside), figure))
    return rows
