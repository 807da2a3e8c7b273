"""The prior shift: rare classes are answered more often, by a strength chosen on all sources."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.core.faces import F32
from training.prior_shift import Prior, PriorShift

SHARE = np.array([0.7, 0.2, 0.1], np.float32)


def posterior(n: int, prior: F32, seed: int) -> tuple[F32, np.ndarray]:
    """Classes drawn evenly, and what a network says of them that learned with the class `prior`."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    signal = 1.2 * np.eye(3)[truth] + rng.normal(size=(n, 3))
    power = np.exp(1.2 * signal) * prior
    return (power / power.sum(axis=1, keepdims=True)).astype(np.float32), truth


def test_power_0_changes_nothing_and_power_1_removes_the_prior() -> None:
    prob, _ = posterior(100, SHARE, 0)
    even, _ = posterior(100, np.full(3, 1 / 3, np.float32), 0)
    np.testing.assert_allclose(PriorShift(share=SHARE, power=0.0)(prob), prob, atol=1e-6)
    np.testing.assert_allclose(PriorShift(share=SHARE, power=1.0)(prob), even, atol=1e-5)


def test_chosen_on_a_source_with_even_classes() -> None:
    prob, truth = posterior(6000, SHARE, 1)
    shift = Prior(share=SHARE).shift_for(prob, truth)
    assert shift.power > 0.6
    before, after = (np.mean(p.argmax(axis=1) == truth) for p in (prob, shift(prob)))
    assert after > before + 0.03


def test_every_source_counts_the_same() -> None:
    """A small source with even classes is not outvoted by a large one like the training set."""
    rng = np.random.default_rng(2)
    large, truth_large = posterior(30_000, SHARE, 3)
    keep = rng.random(len(large)) < SHARE[truth_large] / SHARE.max()
    large, truth_large = large[keep], truth_large[keep]
    small, truth_small = posterior(1500, SHARE, 4)
    prior = Prior(share=SHARE)
    alone = prior.shift_for(large, truth_large)
    both = prior.shift_for(
        np.concatenate([large, small]),
        np.concatenate([truth_large, truth_small]),
        np.repeat([0, 1], [len(large), len(small)]),
    )
    assert alone.power < both.power


def test_a_given_power_is_kept() -> None:
    prob, truth = posterior(50, SHARE, 5)
    assert Prior(share=SHARE, power=0.35).shift_for(prob, truth).power == 0.35


def test_a_class_without_faces_does_not_break_the_shift() -> None:
    shift = PriorShift(share=np.array([1.0, 0.0], np.float32), power=1.0)
    prob = shift(np.array([[0.9, 0.1]], np.float32))
    assert np.isfinite(prob).all()
    assert prob.sum() == pytest.approx(1)
