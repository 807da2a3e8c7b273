"""Metrics against hand-computed values."""

from __future__ import annotations

import types

import numpy as np
import pytest

from realtime.attribute.registry import EMOTION
from training.emotion.evaluate import ten_crop
from training.evaluate import (
    accuracy,
    balanced_accuracy,
    bootstrap,
    calibration_error,
    confusion,
    f1_scores,
    macro_f1,
    per_class,
    precisions,
    recalls,
)
from training.intervals import wilson

TRUTH = np.array([0, 0, 0, 0, 1, 1, 2, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 2, 2, 2])
MATRIX = np.array([[3, 1, 0], [0, 1, 1], [0, 0, 2]])


def test_confusion_matrix() -> None:
    np.testing.assert_array_equal(confusion(TRUTH, PREDICTED, 3), MATRIX)


def test_metrics() -> None:
    assert accuracy(MATRIX) == 6 / 8
    np.testing.assert_allclose(recalls(MATRIX), [3 / 4, 1 / 2, 1])
    np.testing.assert_allclose(precisions(MATRIX), [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(f1_scores(MATRIX), [6 / 7, 1 / 2, 4 / 5])
    assert macro_f1(MATRIX) == pytest.approx((6 / 7 + 1 / 2 + 4 / 5) / 3)
    assert balanced_accuracy(MATRIX) == pytest.approx((3 / 4 + 1 / 2 + 1) / 3)


def test_absent_classes_are_left_out_of_means() -> None:
    matrix = np.array([[2, 0, 0], [1, 1, 0], [0, 0, 0]])
    assert balanced_accuracy(matrix) == pytest.approx(0.75)
    assert macro_f1(matrix) == pytest.approx((4 / 5 + 2 / 3) / 2)


def test_worn_against_none_excludes_incorrect_faces_but_counts_incorrect_answers() -> None:
    from training.mask.evaluate import WORN_AGAINST_NONE

    matrix = np.array([[8, 1, 1], [0, 4, 1], [5, 5, 0]])
    assert WORN_AGAINST_NONE["worn_against_none_balanced_accuracy"](matrix) == pytest.approx(0.8)
    assert WORN_AGAINST_NONE["worn_against_none_f1_worn"](matrix) == pytest.approx(16 / 18)
    assert WORN_AGAINST_NONE["worn_against_none_f1_none"](matrix) == pytest.approx(8 / 10)


def test_calibration_error() -> None:
    prob = np.array([[0.95, 0.05], [0.95, 0.05], [0.62, 0.38], [0.38, 0.62]], np.float32)
    truth = np.array([0, 1, 0, 1])
    # Two at 0.95, one of them correct: gap 0.45; two at 0.62, both correct: gap 0.38.
    assert calibration_error(prob, truth) == pytest.approx((2 * 0.45 + 2 * 0.38) / 4, abs=1e-6)
    assert calibration_error(np.zeros((0, 2), np.float32), np.zeros(0, np.int64)) == 0


def test_bootstrap_interval_contains_the_value_and_narrows_with_faces() -> None:
    few = bootstrap(accuracy, TRUTH, PREDICTED, 3)
    many = bootstrap(accuracy, np.tile(TRUTH, 100), np.tile(PREDICTED, 100), 3)
    assert few.low <= few.value <= few.high
    assert many.value == few.value == 0.75
    assert many.high - many.low < 0.1 < few.high - few.low
    # The standard error of 800 faces at 0.75 is 0.0153.
    assert many.high - many.low == pytest.approx(2 * 1.96 * 0.0153, rel=0.15)
    assert bootstrap(accuracy, TRUTH, PREDICTED, 3) == few


def test_no_faces() -> None:
    none = np.zeros(0, np.int64)
    assert bootstrap(accuracy, none, none, 3).value == 0


def test_per_class() -> None:
    table = per_class(MATRIX, ("a", "b", "c"))
    assert table["a"] == {
        "n": 4,
        "recall": 0.75,
        "recall_interval": [0.3006, 0.9544],
        "precision": 1.0,
        "f1": 0.8571,
    }
    assert list(table) == ["a", "b", "c"]


def test_interval_of_a_share_is_honest_about_few_faces() -> None:
    assert wilson(31, 42) == pytest.approx((0.589, 0.847), abs=0.001)
    assert wilson(5, 5)[0] < 0.6
    assert wilson(0, 0) == (0, 1)


def test_ten_crops_are_five_places_and_their_mirror_images(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[np.ndarray] = []

    def answer(network: object, crops: np.ndarray) -> np.ndarray:
        seen.append(crops[0, ..., 0])
        return np.full((len(crops), len(EMOTION.labels)), len(seen), np.float32)

    monkeypatch.setattr("training.emotion.evaluate.predict", answer)
    wide = np.arange(60 * 60, dtype=np.int64).reshape(1, 60, 60, 1)
    network = types.SimpleNamespace(input_shape=(48, 48, 1))
    mean = ten_crop(network, wide)
    np.testing.assert_allclose(mean, 5.5)  # of 1 to 10
    places = {divmod(int(crop.min()), 60) for crop in seen}
    assert places == {(6, 6), (4, 4), (4, 8), (8, 4), (8, 8)}
    for crop, mirrored in zip(seen[::2], seen[1::2], strict=True):
        np.testing.assert_array_equal(crop[:, ::-1], mirrored)
