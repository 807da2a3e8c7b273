"""Selective classification: the trade-off between coverage and error rate.

Risk and coverage as in Geifman and El-Yaniv 2017, https://arxiv.org/abs/1705.08500; area under the
curve as in https://arxiv.org/abs/1805.08206.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """A risk-coverage curve, one point per distinct confidence.

    Attributes:
        coverage: (m,) ascending, share of faces with at least `threshold` confidence.
        risk: (m,) error rate among these.
        threshold: (m,) descending, confidence.
        aurc: area under the curve: mean risk over all coverages; lower is better.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]
    aurc: float


def risk_coverage(prob: F32, truth: NDArray[np.int64]) -> RiskCoverage:
    """The risk-coverage curve of probabilities (n, k); empty, with area 0, without faces."""
    n = len(prob)
    if n == 0:
        none = np.zeros(0)
        return RiskCoverage(none, none, none, 0.0)
    confidence = prob.max(axis=1).astype(np.float64)
    order = np.argsort(-confidence)
    confidence, wrong = confidence[order], (prob.argmax(axis=1) != truth)[order]
    # No threshold separates faces of equal confidence: one point for each run of ties.
    last = np.append(np.flatnonzero(np.diff(confidence)), n - 1)
    kept, errors = last + 1, wrong.cumsum()[last]
    counts = np.arange(1, n + 1)
    spread = np.interp(counts, [0, *kept], [0, *errors])
    return RiskCoverage(kept / n, errors / kept, confidence[last], float((spread / counts).mean()))


def threshold_for(prob: F32, truth: NDArray[np.int64], risk: float) -> float | None:
    """The lowest confidence threshold that keeps the error rate at `risk` or below.

    Choose it on validation faces, never on test faces.

    Args:
        prob: (n, k) probabilities.
        truth: (n,) true classes.
        risk: highest error rate allowed, 0 to 1.

    Returns:
        A confidence that occurs in `prob`, so at least 1 / k; faces with at least this confidence
        count as answered. None without faces, or if even the most confident answers are wrong too
        often.
    """
    curve = risk_coverage(prob, truth)
    good = np.flatnonzero(curve.risk <= risk)
    return float(curve.threshold[good[-1]]) if len(good) else None


def coverage_and_risk(prob: F32, truth: NDArray[np.int64], threshold: float) -> tuple[float, float]:
    """Coverage and error rate at a confidence threshold; (0, 0) if no face reaches it."""
    kept = prob.max(axis=1, initial=0) >= threshold
    wrong = prob.argmax(axis=1) != truth
    return float(kept.sum() / max(len(kept), 1)), float(wrong[kept].sum() / max(kept.sum(), 1))
