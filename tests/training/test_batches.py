"""Training batches, near-duplicate splits and the learning rate schedule."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.near_duplicates import group, hashes, held_out


def batches(repeats: list[float], **more: int) -> object:
    from training.batches import Batches

    n = len(repeats)
    crops = np.arange(n, dtype=np.uint8)[:, None, None, None] * np.ones((1, 2, 2, 1), np.uint8)
    settings = {"batch": 4, "seed": 0, **more}
    labels = np.eye(n, dtype=np.float32)
    return Batches(
        np.array(repeats, np.float32),
        lambda rows, rng: (crops[rows], labels[rows]),
        **settings,
    )


def shown_rows(data) -> list[int]:  # type: ignore[no-untyped-def]
    shown = [data[i][0][:, 0, 0, 0] for i in range(len(data))]
    return [int(v) for v in np.concatenate(shown)]


def test_integer_repeats_are_exact() -> None:
    data = batches([1, 2, 1, 4])
    assert len(data) == 2
    assert np.bincount(shown_rows(data)).tolist() == [1, 2, 1, 4]


def test_fractional_repeats_are_probabilities() -> None:
    data = batches([0.5] * 16)
    assert len(shown_rows(data)) == 8


def test_epochs_differ_and_resumed_runs_repeat_them() -> None:
    data = batches([1] * 64)
    first = shown_rows(data)
    data.on_epoch_end()
    second = shown_rows(data)
    assert sorted(first) == sorted(second)
    assert first != second
    assert shown_rows(batches([1] * 64, first_epoch=1)) == second


def test_rare_classes_are_oversampled_up_to_the_maximum() -> None:
    from training.batches import class_repeats

    labels = np.eye(2, dtype=np.float32)[[0] * 90 + [1] * 10]
    assert class_repeats(labels, power=0, max_repeats=5)[0] == 1
    even = class_repeats(labels, power=1, max_repeats=20)
    assert even[:90].sum() == pytest.approx(even[90:].sum())
    assert class_repeats(labels, power=1, max_repeats=3)[-1] == 3


def test_near_duplicates_share_a_group() -> None:
    rng = np.random.default_rng(0)
    pictures = list(rng.integers(0, 256, (5, 32, 32, 3)).astype(np.uint8))
    brighter = np.clip(pictures[2].astype(int) + 9, 0, 255).astype(np.uint8)
    groups = group(hashes([*pictures, brighter]))
    assert groups[5] == groups[2]
    assert len(np.unique(groups[:5])) == 5


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80), st.integers(0, 5))
def test_splits_keep_groups_together(groups: list[int], seed: int) -> None:
    numbers = np.array(groups)
    out = held_out(numbers, share=0.3, seed=seed)
    assert not set(numbers[out]) & set(numbers[~out])
    np.testing.assert_array_equal(out, held_out(numbers, share=0.3, seed=seed))


def test_learning_rate_warms_up_decays_and_halves_on_plateaus() -> None:
    from training.fit import FitConfig, rate_factor

    config = FitConfig(epochs=11, warm_up=1, plateau=3)
    assert rate_factor(0.5, config, []) == 0.5
    assert rate_factor(1, config, [1.0]) == pytest.approx(1)
    assert rate_factor(6, config, []) == pytest.approx(0.5)
    falling, stuck = [1.0, 0.9, 0.8, 0.7], [1.0, 1.1, 1.1, 1.1]
    assert rate_factor(6, config, stuck) == pytest.approx(rate_factor(6, config, falling) / 2)
    assert rate_factor(11, config, []) == 1e-3
