"""Filters: calm at rest, quick in motion, indifferent to how often they are asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.track.filters import OneEuroFilter, TimeAverage


def points(value: float) -> np.ndarray:
    return np.full((468, 3), value, np.float32)


def test_the_first_value_passes_unchanged() -> None:
    assert (OneEuroFilter()(points(5), 1.0, size_px=100) == 5).all()


def test_jitter_at_rest_is_calmed() -> None:
    rng, smooth = np.random.default_rng(0), OneEuroFilter()
    noisy = [points(100) + rng.normal(0, 0.3, (468, 3)).astype(np.float32) for _ in range(60)]
    calm = [smooth(value, i / 30, size_px=100) for i, value in enumerate(noisy)]
    assert np.std(np.diff(calm[10:], axis=0)) < 0.6 * np.std(np.diff(noisy[10:], axis=0))


def test_fast_motion_hardly_lags() -> None:
    smooth = OneEuroFilter()
    for i in range(30):  # ten face sizes in a second
        true = points(100 + i * 1000 / 30)
        shown = smooth(true, i / 30, size_px=100)
    assert np.abs(true - shown).max() < 12


def test_time_that_stands_still_changes_nothing() -> None:
    smooth = OneEuroFilter()
    smooth(points(0), 1.0, size_px=100)
    assert (smooth(points(50), 1.0, size_px=100) == 0).all()


@given(st.lists(st.tuples(st.integers(0, 6), st.floats(0.001, 2)), min_size=1, max_size=20))
def test_averaged_probabilities_stay_probabilities(answers: list[tuple[int, float]]) -> None:
    smooth, now_s = TimeAverage(0.3), 0.0
    assert smooth.value is None
    for label, step_s in answers:
        now_s += step_s
        smooth.update(np.eye(7, dtype=np.float32)[label], now_s)
    assert smooth.value is not None
    assert smooth.value.sum() == pytest.approx(1, abs=1e-4)
    assert (smooth.value >= -1e-6).all()


def test_an_old_answer_is_forgotten() -> None:
    smooth = TimeAverage(0.3)
    smooth.update(np.array([1, 0], np.float32), 0)
    smooth.update(np.array([0, 1], np.float32), 0.1)
    assert smooth.value is not None
    assert smooth.value[0] > 0.5
    smooth.update(np.array([0, 1], np.float32), 2.0)
    assert smooth.value[1] > 0.95
