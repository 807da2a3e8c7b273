"""Calibration, temperature scaling and risk-coverage: hand-computed values and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.calibration import (
    MAX_TEMPERATURE,
    MIN_TEMPERATURE,
    apply_temperature,
    fit_temperature,
    log_loss,
)
from training.evaluate import accuracy_by, bootstrap_calibration, calibration_error, reliability
from training.risk_coverage import coverage_and_risk, risk_coverage, threshold_for

NO_PROB, NO_TRUTH = np.zeros((0, 3), np.float32), np.zeros(0, np.int64)


@st.composite
def answers(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, 3), with many ties, and true classes."""
    n = draw(st.integers(1, 30))
    counts = draw(arrays(np.float32, (n, 3), elements=st.integers(0, 4)))
    truth = draw(arrays(np.int64, n, elements=st.integers(0, 2)))
    return ((counts + 0.1) / (counts + 0.1).sum(axis=1, keepdims=True)).astype(np.float32), truth


def calibrated(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (n, 3) and true classes drawn from them."""
    rng = np.random.default_rng(seed)
    prob = rng.dirichlet([0.7, 0.7, 0.7], n)
    truth = (rng.random((n, 1)) > prob.cumsum(axis=1)[:, :2]).sum(axis=1)
    return prob.astype(np.float32), truth


def test_reliability_diagram_values() -> None:
    prob = np.array([[0.95, 0.05], [0.95, 0.05], [0.65, 0.35], [0.0, 1.0]], np.float32)
    result = reliability(prob, np.array([0, 1, 0, 1]), bins=10)
    assert result.count.tolist() == [0] * 6 + [1, 0, 0, 3]
    assert result.accuracy[9] == pytest.approx(2 / 3)
    assert result.confidence[9] == pytest.approx(2.9 / 3)
    assert np.isnan(result.accuracy[:6]).all()
    assert len(result.edges) == 11


@given(answers())
def test_reliability_counts_each_face_once(given_answers: tuple[np.ndarray, np.ndarray]) -> None:
    prob, truth = given_answers
    result = reliability(prob, truth)
    assert result.count.sum() == len(prob)
    occupied = result.count > 0
    assert (result.confidence[occupied] >= result.edges[:-1][occupied] - 1e-6).all()
    assert (result.confidence[occupied] <= result.edges[1:][occupied] + 1e-6).all()
    assert 0 <= calibration_error(prob, truth) <= 1


def test_calibrated_probabilities_have_almost_no_error_and_temperature_1() -> None:
    prob, truth = calibrated(40_000)
    assert calibration_error(prob, truth) < 0.015
    assert fit_temperature(prob, truth) == pytest.approx(1, abs=0.03)


def test_calibration_error_interval() -> None:
    prob, truth = calibrated(2000)
    sharp = apply_temperature(prob, 0.4)  # overconfident, so that the error is well above noise
    result = bootstrap_calibration(sharp, truth, draws=200)
    assert result.low < result.value < result.high
    assert result.high - result.low < 0.06
    assert bootstrap_calibration(NO_PROB, NO_TRUTH).value == 0


@pytest.mark.parametrize("factor", [0.4, 0.8, 1.5, 3.0])
def test_fitted_temperature_undoes_miscalibration(factor: float) -> None:
    prob, truth = calibrated(20_000)
    wrong = apply_temperature(prob, factor)
    result = fit_temperature(wrong, truth)
    assert result == pytest.approx(1 / factor, rel=0.05)
    assert calibration_error(apply_temperature(wrong, result), truth) < 0.02


@given(answers())
def test_fitted_temperature_minimises_the_loss(
    given_answers: tuple[np.ndarray, np.ndarray],
) -> None:
    prob, truth = given_answers
    result = fit_temperature(prob, truth)
    assert MIN_TEMPERATURE <= result <= MAX_TEMPERATURE
    best = log_loss(apply_temperature(prob, result), truth)
    for other in (MIN_TEMPERATURE, result / 1.1, result * 1.1, 1.0, MAX_TEMPERATURE):
        if MIN_TEMPERATURE <= other <= MAX_TEMPERATURE:
            assert best <= log_loss(apply_temperature(prob, other), truth) + 1e-5


@given(answers(), st.floats(0.1, 10))
def test_temperature_never_changes_the_predicted_class(
    given_answers: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    prob, _ = given_answers
    changed = apply_temperature(prob, factor)
    rows = np.arange(len(prob))
    np.testing.assert_allclose(changed.sum(axis=1), 1, atol=1e-5)
    assert (changed[rows, prob.argmax(axis=1)] >= changed.max(axis=1) - 1e-7).all()
    np.testing.assert_allclose(apply_temperature(prob, 1), prob, atol=1e-6)


def test_temperature_of_no_faces_and_of_zero_probabilities() -> None:
    assert fit_temperature(NO_PROB, NO_TRUTH) == 1
    assert log_loss(NO_PROB, NO_TRUTH) == 0
    confidence = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert np.isfinite(fit_temperature(confidence, np.array([0, 1, 1])))
    assert np.isfinite(apply_temperature(confidence, 0.05)).all()


def test_risk_coverage_values() -> None:
    prob = np.array([[0.9, 0.1], [0.8, 0.2], [0.8, 0.2], [0.6, 0.4]], np.float32)
    truth = np.array([0, 0, 1, 1])
    curve = risk_coverage(prob, truth)
    np.testing.assert_allclose(curve.coverage, [1 / 4, 3 / 4, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 3, 1 / 2])
    np.testing.assert_allclose(curve.threshold, [0.9, 0.8, 0.6], atol=1e-6)
    assert curve.aurc == pytest.approx((0 + 0.5 / 2 + 1 / 3 + 2 / 4) / 4)
    assert threshold_for(prob, truth, 0.4) == pytest.approx(0.8)
    assert threshold_for(prob, truth, 0.5) == pytest.approx(0.6)
    assert threshold_for(prob, 1 - truth, 0.0) is None
    assert threshold_for(NO_PROB, NO_TRUTH, 1.0) is None
    assert coverage_and_risk(prob, truth, 0.8) == (pytest.approx(3 / 4), pytest.approx(1 / 3))
    assert coverage_and_risk(NO_PROB, NO_TRUTH, 0.5) == (0, 0)
    assert risk_coverage(NO_PROB, NO_TRUTH).aurc == 0


@given(answers())
def test_risk_at_full_coverage_is_the_error_rate(
    given_answers: tuple[np.ndarray, np.ndarray],
) -> None:
    prob, truth = given_answers
    curve = risk_coverage(prob, truth)
    assert curve.coverage[-1] == 1
    assert curve.risk[-1] == pytest.approx((prob.argmax(axis=1) != truth).mean())
    assert (np.diff(curve.coverage) > 0).all()
    assert (np.diff(curve.threshold) < 0).all()
    assert 0 <= curve.aurc <= 1


@given(answers(), st.floats(0, 1))
def test_threshold_is_the_lowest_that_keeps_the_risk(
    given_answers: tuple[np.ndarray, np.ndarray], risk: float
) -> None:
    prob, truth = given_answers
    result = threshold_for(prob, truth, risk)
    confidence, wrong = prob.max(axis=1), prob.argmax(axis=1) != truth
    if result is not None:
        assert wrong[confidence >= result].mean() <= risk
        assert coverage_and_risk(prob, truth, result)[1] <= risk
    for lower in confidence[confidence < (2.0 if result is None else result)]:
        assert wrong[confidence >= lower].mean() > risk


def test_accuracy_by_bins() -> None:
    prob = np.tile(np.array([[0.7, 0.3]], np.float32), (6, 1))
    truth = np.array([0, 1, 0, 0, 0, 1])
    size = np.array([10, 20, 39.9, 40, np.nan, 5])
    small, middle, large = accuracy_by(size, [10, 20.5, 30, 40, np.inf], prob, truth)
    assert middle.n == 1  # 30 to 40: the bin from 20.5 to 30 is empty and left out
    assert (small.low, small.high, small.n, small.accuracy.value) == (10, 20.5, 2, 0.5)
    assert small.accuracy.low <= 0.5 <= small.accuracy.high
    assert (large.low, large.high, large.n, large.accuracy.value) == (40, np.inf, 1, 1)
