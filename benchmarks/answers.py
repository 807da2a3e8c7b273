"""What a classifier's answers look like beyond single figures, for plots: kept with the figures."""

from __future__ import annotations

from typing import Any

from training.evaluate import confusion, reliability
from training.report import Evaluation


def answers(given: Evaluation) -> dict[str, Any]:
    """The confusion matrix and the reliability diagram of one set.

    Returns:
        `labels`, in the order of `confusion`, whose rows are the truth and whose columns are the
        answers; `reliability`, a row for each bin of confidence that holds faces, with its ends.
    """
    found = reliability(given.prob, given.truth)
    ends = zip(found.edges[:-1], found.edges[1:], strict=True)
    bins = zip(ends, found.count, found.confidence, found.accuracy, strict=True)
    matrix = confusion(given.truth, given.prob.argmax(axis=1), len(given.labels))
    return {
        "labels": list(given.labels),
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
