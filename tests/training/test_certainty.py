"""Thresholds for unsure answers, chosen from how accuracy drops with image quality."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.certainty import (
    MIN_RELATIVE_ACCURACY,
    ValidationFaces,
    accuracy_by_sharpness,
    accuracy_by_size,
    max_good,
    min_good,
    mixed,
    quality_limits,
)
from training.evaluate import Bin, Figure


def bins(*accuracies: float) -> list[Bin]:
    return [Bin(float(i), i + 1.0, 100, Figure(a, a, a)) for i, a in enumerate(accuracies)]


def test_minimum_quality_is_the_lowest_good_bin() -> None:
    assert min_good(bins(0.3, 0.5, 0.88, 0.9, 0.9), 0.9) == 2
    assert min_good(bins(0.9, 0.9, 0.9), 0.9) == 0
    # A good bin below a bad one does not count.
    assert min_good(bins(0.9, 0.3, 0.9), 0.9) == 2


def test_maximum_yaw_is_the_highest_good_bin() -> None:
    assert max_good(bins(0.9, 0.9, 0.4, 0.9), 0.9) == 2
    assert max_good(bins(0.9, 0.9), 0.9) == 2


def test_no_bins_give_no_limits() -> None:
    assert min_good([], 0.9) == 0
    assert max_good([], 0.9) == 90


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.1, 1))
def test_all_bins_above_the_minimum_are_good(accuracies: list[float], overall: float) -> None:
    rows = bins(*accuracies)
    low = min_good(rows, overall)
    better = [b for b in rows[:-1] if b.low >= low]
    assert all(b.accuracy.value >= MIN_RELATIVE_ACCURACY * overall for b in better)


@pytest.fixture
def validation() -> ValidationFaces:
    """Faces of two classes, with and without fine stripes, which blur and downscaling remove."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    crops = np.full((80, 48, 48, 1), 120, np.uint8)
    crops += rng.integers(0, 4, crops.shape).astype(np.uint8)
    crops[truth == 1, :, ::2] += 60
    outline = np.tile(np.linspace(6, 42, 30, dtype=np.float32)[None, :, None], (80, 1, 2))
    return ValidationFaces(crops, truth, outline, rng.uniform(-20, 20, 80).astype(np.float32))


def predict_stripes(crops: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    strength = np.abs(np.diff(crops[..., 0].astype(float), axis=2)).mean(axis=(1, 2))
    one = (strength > 20).astype(np.float32)
    return np.stack([1 - one, one], axis=1)


def test_classes_that_differ_in_detail_need_large_and_sharp_faces(
    validation: ValidationFaces,
) -> None:
    sizes = accuracy_by_size(
        predict_stripes, validation.crops, validation.truth, validation.face_px
    )
    assert sizes[-1].accuracy.value == 1
    assert sizes[0].accuracy.value < 0.7
    blurred = accuracy_by_sharpness(predict_stripes, validation.crops, validation.truth)
    assert blurred[-1].accuracy.value > 0.95
    chosen, evidence = quality_limits(predict_stripes, validation)
    assert 0.3 * validation.face_px < chosen["min_side_px"] <= validation.face_px
    assert chosen["max_yaw_deg"] >= 20
    assert set(evidence) == {"face_px", "sharpness", "yaw_deg"}


def test_painted_masks_are_reproducible(validation: ValidationFaces) -> None:
    np.testing.assert_array_equal(validation.with_masks(), validation.with_masks())
    assert (validation.with_masks() != validation.crops).any(axis=(1, 2, 3)).all()


def source_of(n: int, level: int) -> ValidationFaces:
    """Faces of one source: gray crops of one level."""
    return ValidationFaces(
        np.full((n, 8, 8, 1), level, np.uint8),
        np.zeros(n, np.int64),
        np.zeros((n, 30, 2), np.float32),
        np.zeros(n, np.float32),
    )


def test_a_small_source_is_repeated_to_the_size_of_the_largest() -> None:
    faces = mixed([source_of(90, 1), source_of(31, 2)])
    assert np.bincount(faces.source).tolist() == [90, 93]
    assert faces.crops[:90].max() == 1
    assert faces.crops[90:].min() == 2
    assert len(mixed([source_of(5, 1), source_of(0, 2)]).truth) == 5


def test_limits_of_quality_come_from_the_first_source() -> None:
    """Another source's pictures may be sharper and harder without being sharp and hard."""
    first = mixed([source_of(9, 1), source_of(9, 2)]).of_first_source()
    assert first.crops.max() == 1
    assert len(first.truth) == 9
    alone = source_of(4, 3)
    assert alone.of_first_source() is alone
