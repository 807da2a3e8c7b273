"""How default thresholds are chosen from precision-recall curves."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.thresholds import F1_MARGIN, lowest_good
from training.detector.score import Curve


def test_lowest_threshold_of_a_flat_top() -> None:
    # F1: 0.889, 0.947 (the best), 0.943 (within the margin), 0.9
    pr_curve = Curve(
        score=np.array([0.8, 0.7, 0.6, 0.5]),
        true_positives=np.array([80, 90, 96, 99]),
        false_positives=np.array([0, 0, 7, 21]),
        faces=100,
    )
    chosen = lowest_good(pr_curve)
    assert chosen.min_score == pytest.approx(0.6)
    assert pr_curve.best().min_score == pytest.approx(0.7)
    assert chosen.f1 >= pr_curve.best().f1 - F1_MARGIN


def test_no_detections() -> None:
    empty = np.zeros(0)
    pr_curve = Curve(empty, empty.astype(np.intp), empty.astype(np.intp), faces=3)
    assert lowest_good(pr_curve).recall == 0.0
