"""Answering only when sure: what share of the faces is answered, and how often wrongly.

Risk and coverage as in Geifman and El-Yaniv 2017, https://arxiv.org/abs/1705.08500; the area as in
https://arxiv.org/abs/1805.08206.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32


@dataclass(frozen=True, slots=True, eq=False)
class RiskCoverage:
    """What is gained by leaving unsure faces unanswered; one point for each confidence seen.

    Attributes:
        coverage: (m,) ascending, the share of faces whose confidence is at least `threshold`.
        risk: (m,) the share of wrong answers among these.
        threshold: (m,) descending, the confidence.
        aurc: area under the risk-coverage curve: the mean risk over all coverages; less is better.
    """

    coverage: NDArray[np.float64]
    risk: NDArray[np.float64]
    threshold: NDArray[np.float64]
    aurc: float


def risk_coverage(prob: F32, truth: NDArray[np.int64]) -> RiskCoverage:
    """The risk-coverage curve of probabilities (n, k); empty arrays and 0 without faces."""
    n = len(prob)
    if n == 0:
        none = np.zeros(0)
        return RiskCoverage(none, none, none, 0.0)
    sure = prob.max(axis=1).astype(np.float64)
    order = np.argsort(-sure)
    sure, wrong = sure[order], (prob.argmax(axis=1) != truth)[order]
    # Equally sure faces cannot be told apart by a threshold, so a point ends each run of them.
    last = np.append(np.flatnonzero(np.diff(sure)), n - 1)
    kept, errors = last + 1, wrong.cumsum()[last]
    counts = np.arange(1, n + 1)
    spread = np.interp(counts, [0, *kept], [0, *errors])
    return RiskCoverage(kept / n, errors / kept, sure[last], float((spread / counts).mean()))


def threshold_for(prob: F32, truth: NDArray[np.int64], risk: float) -> float | None:
    """The lowest confidence from which on at most a share `risk` of the answers is wrong.

    Find it on held-out faces, never on those that are reported.

    Args:
        prob: (n, k) the answers.
        truth: (n,) the right classes.
        risk: the share of wrong answers that is allowed, 0 to 1.

    Returns:
        A confidence that occurs: faces with at least that are to be answered, and no lower one
        keeps the risk. 1 / k or more, also where all may be answered. None where there is no
        such confidence: even the surest answers are wrong too often, or there is no face.
    """
    curve = risk_coverage(prob, truth)
    good = np.flatnonzero(curve.risk <= risk)
    return float(curve.threshold[good[-1]]) if len(good) else None


def answered(prob: F32, truth: NDArray[np.int64], threshold: float) -> tuple[float, float]:
    """Coverage and risk at a threshold that was found on other faces; (0, 0) if none is kept."""
    kept = prob.max(axis=1, initial=0) >= threshold
    wrong = prob.argmax(axis=1) != truth
    return float(kept.sum() / max(len(kept), 1)), float(wrong[kept].sum() / max(kept.sum(), 1))
