"""Limits below which answers are unsure, read off how accuracy falls."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.certainty import FALL, Held, by_sharpness, by_size, least, limits, most
from training.evaluate import Bin, Figure


def bins(*accuracies: float) -> list[Bin]:
    return [Bin(float(i), i + 1.0, 100, Figure(a, a, a)) for i, a in enumerate(accuracies)]


def test_the_least_quality_is_where_accuracy_has_not_fallen_yet() -> None:
    assert least(bins(0.3, 0.5, 0.88, 0.9, 0.9), 0.9) == 2
    assert least(bins(0.9, 0.9, 0.9), 0.9) == 0
    # A good bin below a bad one does not count: quality is judged from the best downwards.
    assert least(bins(0.9, 0.3, 0.9), 0.9) == 2


def test_the_most_turn_is_where_accuracy_has_not_fallen_yet() -> None:
    assert most(bins(0.9, 0.9, 0.4, 0.9), 0.9) == 2
    assert most(bins(0.9, 0.9), 0.9) == 2


def test_without_enough_faces_nothing_is_limited() -> None:
    assert least([], 0.9) == 0
    assert most([], 0.9) == 90


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), st.floats(0.1, 1))
def test_every_bin_from_the_least_upwards_is_good(accuracies: list[float], usual: float) -> None:
    rows = bins(*accuracies)
    low = least(rows, usual)
    better = [b for b in rows[:-1] if b.low >= low]
    assert all(b.accuracy.value >= FALL * usual for b in better)


@pytest.fixture
def held() -> Held:
    """Faces whose class is whether they show fine stripes, which blur and shrinking take away."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 80)
    crops = np.full((80, 48, 48, 1), 120, np.uint8)
    crops += rng.integers(0, 4, crops.shape).astype(np.uint8)
    crops[truth == 1, :, ::2] += 60
    outline = np.tile(np.linspace(6, 42, 30, dtype=np.float32)[None, :, None], (80, 1, 2))
    return Held(crops, truth, outline, rng.uniform(-20, 20, 80).astype(np.float32))


def striped(crops: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    strength = np.abs(np.diff(crops[..., 0].astype(float), axis=2)).mean(axis=(1, 2))
    one = (strength > 20).astype(np.float32)
    return np.stack([1 - one, one], axis=1)


def test_what_needs_detail_asks_for_large_and_sharp_faces(held: Held) -> None:
    sizes = by_size(striped, held.crops, held.truth, held.face_px)
    assert sizes[-1].accuracy.value == 1
    assert sizes[0].accuracy.value < 0.7
    blurred = by_sharpness(striped, held.crops, held.truth)
    assert blurred[-1].accuracy.value > 0.95
    chosen, evidence = limits(striped, held)
    assert 0.3 * held.face_px < chosen["least_side_px"] <= held.face_px
    assert chosen["most_yaw_deg"] >= 20
    assert set(evidence) == {"face_px", "sharpness", "yaw_deg"}


def test_masks_for_validation_are_the_same_every_time(held: Held) -> None:
    np.testing.assert_array_equal(held.masked(), held.masked())
    assert (held.masked() != held.crops).any(axis=(1, 2, 3)).all()
