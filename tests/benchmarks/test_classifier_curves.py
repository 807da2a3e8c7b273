"""The stored confusion matrix and reliability diagram."""

from __future__ import annotations

import numpy as np

from benchmarks.classifier_curves import classifier_curves
from training.report import Evaluation


def test_known_predictions() -> None:
    prob = np.array([[0.9, 0.1], [0.6, 0.4], [0.1, 0.9], [0.1, 0.9]], np.float32)
    truth = np.array([0, 1, 1, 1])
    curves = classifier_curves(Evaluation("set", "truth", ("a", "b"), truth, prob))
    assert curves["labels"] == ["a", "b"]
    assert curves["confusion"] == [[1, 0], [1, 2]]
    low, high = curves["reliability"]
    assert (low["n"], low["confidence"], low["accuracy"]) == (1, 0.6, 0.0)
    assert (high["n"], high["confidence"], high["accuracy"]) == (3, 0.9, 1.0)
    assert low["from"] <= low["confidence"] < low["to"] <= high["from"]


def test_empty_set() -> None:
    empty = Evaluation("set", "truth", ("a", "b"), np.zeros(0, int), np.zeros((0, 2), np.float32))
    assert classifier_curves(empty) == {
        "labels": ["a", "b"],
        "confusion": [[0, 0], [0, 0]],
        "reliability": [],
    }
