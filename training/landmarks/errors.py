"""How far found points are from labelled ones, as the field measures it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.core.faces import F32
from realtime.landmark.dlib68 import LEFT_EYE_OUTER, RIGHT_EYE_OUTER
from training.evaluate import Figure

LIMIT = 0.08  # an error beyond it is a failure, and the end of the area under the curve
INNER = slice(17, None)  # all but the jaw
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """Figures over n faces; errors are shares of the distance of the eyes' outer corners.

    Attributes:
        faces: n.
        mean: mean of the faces' mean errors, with its 95 % bootstrap interval.
        median: their median.
        inner: the mean without the jaw's 17 points.
        auc: area under the cumulative curve up to `LIMIT`, 1 at best.
        failed: share of the faces beyond `LIMIT`.
    """

    faces: int
    mean: Figure
    median: float
    inner: float
    auc: float
    failed: float


def face_errors(found: F32, true: F32, which: slice = slice(None)) -> F32:
    """Mean error of each face, over the distance of its eyes' outer corners: (n,).

    Args:
        found: (n, 68, 2).
        true: (n, 68, 2).
        which: the points that count.
    """
    eyes = true[:, LEFT_EYE_OUTER] - true[:, RIGHT_EYE_OUTER]
    distance = np.hypot(eyes[:, 0], eyes[:, 1])
    off = np.linalg.norm(found - true, axis=2)[:, which].mean(axis=1)
    return np.asarray(off / distance, np.float32)


def score(found: F32, true: F32, *, seed: int = 0) -> Score:
    """The figures of these points, both (n, 68, 2)."""
    off = face_errors(found, true)
    rng = np.random.default_rng(seed)
    means = [float(off[rng.integers(0, len(off), len(off))].mean()) for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Score(
        len(off),
        Figure(float(off.mean()), float(low), float(high)),
        float(np.median(off)),
        float(face_errors(found, true, INNER).mean()),
        area_under_curve(off),
        float((off > LIMIT).mean()),
    )


def area_under_curve(off: F32, limit: float = LIMIT) -> float:
    """Area under the share of faces with at most that error, up to `limit`, as a share of all."""
    return float(np.clip(1 - off / limit, 0, None).mean())
