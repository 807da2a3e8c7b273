"""Confusion matrix and reliability diagram of a classifier, stored for plots."""

from __future__ import annotations

from typing import Any

from training.evaluate import confusion, reliability
from training.report import Evaluation


def classifier_curves(evaluation: Evaluation) -> dict[str, Any]:
    """Compute the confusion matrix and the reliability diagram on one data set.

    Returns:
        `labels`; `confusion`, counts with true labels as rows and predicted labels as columns;
        `reliability`, a row per non-empty confidence bin: its range, the number of faces, their
        mean confidence and their accuracy.
    """
    diagram = reliability(evaluation.prob, evaluation.truth)
    ranges = zip(diagram.edges[:-1], diagram.edges[1:], strict=True)
    bins = zip(ranges, diagram.count, diagram.confidence, diagram.accuracy, strict=True)
    predicted = evaluation.prob.argmax(axis=1)
    matrix = confusion(evaluation.truth, predicted, len(evaluation.labels))
    return {
        "labels": list(evaluation.labels),
        "confusion": matrix.tolist(),
        "reliability": [
            {
                "from": round(float(low), 4),
                "to": round(float(high), 4),
                "n": int(n),
                "confidence": round(float(confidence), 4),
                "accuracy": round(float(accuracy), 4),
            }
            for (low, high), n, confidence, accuracy in bins
            if n
        ],
    }
