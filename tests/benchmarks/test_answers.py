"""What is kept of a classifier's answers for the plots."""

from __future__ import annotations

import numpy as np

from benchmarks.answers import answers
from training.report import Evaluation


def test_a_set_with_known_answers() -> None:
    prob = np.array([[0.9, 0.1], [0.6, 0.4], [0.1, 0.9], [0.1, 0.9]], np.float32)
    told = answers(Evaluation("set", "truth", ("a", "b"), np.array([0, 1, 1, 1]), prob))
    assert told["labels"] == ["a", "b"]
    assert told["confusion"] == [[1, 0], [1, 2]]
    low, high = told["reliability"]
    assert (low["n"], low["confidence"], low["accuracy"]) == (1, 0.6, 0.0)
    assert (high["n"], high["confidence"], high["accuracy"]) == (3, 0.9, 1.0)
    assert low["from"] <= low["confidence"] < low["to"] <= high["from"]


def test_a_set_without_faces() -> None:
    none = Evaluation("set", "truth", ("a", "b"), np.zeros(0, int), np.zeros((0, 2), np.float32))
    assert answers(none) == {"labels": ["a", "b"], "confusion": [[0, 0], [0, 0]], "reliability": []}
