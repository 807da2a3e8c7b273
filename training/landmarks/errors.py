"""Landmark error metrics: normalised mean error, area under the curve and failure rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.core.faces import F32
from realtime.core.landmarks import POINTS68
from training.evaluate import Figure

LIMIT = 0.08  # larger errors are failures; also the upper limit of the area under the curve
INNER = slice(17, None)  # all points except the jaw
RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class Score:
    """Landmark errors over n faces, normalised by the distance of the outer eye corners.

    Attributes:
        faces: n.
        mean: mean error, with its 95 % bootstrap interval over faces.
        median: median error.
        inner: mean error without the jaw's 17 points.
        auc: area under the cumulative error curve up to `LIMIT`, from 0 to 1 (best).
        failed: fraction of faces with an error above `LIMIT`.
    """

    faces: int
    mean: Figure
    median: float
    inner: float
    auc: float
    failed: float


def face_errors(predicted: F32, true: F32, which: slice = slice(None)) -> F32:
    """Mean error of each face, normalised by the distance of its outer eye corners.

    Args:
        predicted: (n, 68, 2) predicted points.
        true: (n, 68, 2) labelled points.
        which: the points to include.

    Returns:
        (n,) float32.
    """
    marks = POINTS68.measured
    eyes = true[:, marks.left_eye[3]] - true[:, marks.right_eye[0]]
    distance = np.hypot(eyes[:, 0], eyes[:, 1])
    error = np.linalg.norm(predicted - true, axis=2)[:, which].mean(axis=1)
    return np.asarray(error / distance, np.float32)


def score(predicted: F32, true: F32, *, seed: int = 0) -> Score:
    """Error metrics of predicted points against labelled ones, both (n, 68, 2)."""
    error = face_errors(predicted, true)
    rng = np.random.default_rng(seed)
    means = [float(error[rng.integers(0, len(error), len(error))].mean()) for _ in range(RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return Score(
        len(error),
        Figure(float(error.mean()), float(low), float(high)),
        float(np.median(error)),
        float(face_errors(predicted, true, INNER).mean()),
        area_under_curve(error),
        float((error > LIMIT).mean()),
    )


def area_under_curve(error: F32, limit: float = LIMIT) -> float:
    """Area under the cumulative error curve up to `limit`, divided by `limit`: 0 to 1."""
    return float(np.clip(1 - error / limit, 0, None).mean())
