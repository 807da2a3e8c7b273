"""Thresholds below which an answer is `unsure`: the `[unsure]` table of a model card.

All thresholds are chosen on validation faces: confidence from the risk-coverage curve; size,
sharpness and yaw from how accuracy drops on shrunken, blurred and turned faces.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.attribute.quality import sharpness
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.augment import coarsen
from training.calibration import apply_temperature, fit_temperature
from training.crops import JAW
from training.evaluate import Bin, Labels, accuracy_by, predict
from training.paint_mask import Wear, paint_mask
from training.prior_shift import Prior
from training.results import Certainty
from training.risk_coverage import threshold_for

MIN_RELATIVE_ACCURACY = 0.9  # a bin is good if it reaches this share of the overall accuracy
SCALES = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)  # resolution relative to the crop's
BLUR_SIGMAS_PX = (0.0, 0.6, 1.0, 1.5, 2.0, 2.7, 3.5, 5.0)
MAX_YAW_DEG = 90.0
YAW_EDGES_DEG = (0, 10, 20, 30, 40, 50, 60, MAX_YAW_DEG)
MIN_BIN_FACES = 25  # yaw bins with fewer faces are ignored

Predict = Callable[[NDArray[np.uint8]], F32]


@dataclass(frozen=True, slots=True, eq=False)
class ValidationFaces:
    """Labelled faces for checkpoint selection, calibration and thresholds.

    Attributes:
        crops: (n, side, side, c) uint8, at the network's input size.
        truth: (n,) true classes.
        outline: (n, 30, 2) mesh points `training.crops.OUTLINE` in crop pixels.
        yaw_deg: (n,) head yaw.
        source: (n,) number of the source that a face is from; None if there is only one.
        prior: what the network learned of class frequencies; None to leave them alone.
    """

    crops: NDArray[np.uint8]
    truth: Labels
    outline: F32
    yaw_deg: F32
    source: Labels | None = None
    prior: Prior | None = None

    def of_first_source(self) -> ValidationFaces:
        """The faces of the first source alone."""
        if self.source is None:
            return self
        rows = self.source == 0
        return ValidationFaces(
            self.crops[rows], self.truth[rows], self.outline[rows], self.yaw_deg[rows]
        )

    @property
    def face_px(self) -> float:
        """Median face width in the crops, in pixels; 0 without faces."""
        jaw = self.outline[:, : len(JAW), 0]
        return float(np.median(np.ptp(jaw, axis=1))) if len(jaw) else 0.0

    def with_masks(self, *, seed: int = 0) -> NDArray[np.uint8]:
        """The crops with a mask painted on each face; the same for the same seed."""
        rng = np.random.default_rng(seed)
        pairs = zip(self.crops, self.outline, strict=True)
        return np.stack([paint_mask(crop, points, Wear.WORN, rng) for crop, points in pairs])


def mixed(sources: Sequence[ValidationFaces]) -> ValidationFaces:
    """The faces of several sources; smaller ones are repeated, so that all weigh about the same."""
    longest = max(len(s.truth) for s in sources)
    shares = [
        np.tile(np.arange(n), round(longest / max(n, 1))) for n in (len(s.truth) for s in sources)
    ]
    pairs = list(zip(sources, shares, strict=True))
    return ValidationFaces(
        np.concatenate([s.crops[rows] for s, rows in pairs]),
        np.concatenate([s.truth[rows] for s, rows in pairs]),
        np.concatenate([s.outline[rows] for s, rows in pairs]),
        np.concatenate([s.yaw_deg[rows] for s, rows in pairs]),
        np.concatenate([np.full(len(rows), i) for i, (_, rows) in enumerate(pairs)]),
    )


def accuracy_by_size(
    predict: Predict, crops: NDArray[np.uint8], truth: Labels, face_px: float
) -> list[Bin]:
    """Accuracy at each resolution in `SCALES`, by face width in pixels.

    Args:
        predict: crops to probabilities (n, k).
        crops: (n, side, side, c) uint8.
        truth: (n,) true classes.
        face_px: face width at full resolution.
    """
    rows = []
    for scale in SCALES:
        small = np.stack([_keep_shape(coarsen(c, scale), c) for c in crops])
        size = np.full(len(crops), face_px * scale)
        rows += accuracy_by(size, (size[0], np.inf), predict(small), truth)
    return rows


def accuracy_by_sharpness(predict: Predict, crops: NDArray[np.uint8], truth: Labels) -> list[Bin]:
    """Accuracy by sharpness, over copies of the faces blurred with each of `BLUR_SIGMAS_PX`."""
    values, prob = [], []
    for sigma in BLUR_SIGMAS_PX:
        blurred = crops if sigma == 0 else np.stack([_blur(c, sigma) for c in crops])
        values.append(sharpness(blurred))
        prob.append(predict(blurred))
    value = np.concatenate(values)
    edges = [*np.quantile(value, np.linspace(0, 1, 13))[:-1], np.inf]
    return accuracy_by(value, edges, np.concatenate(prob), np.tile(truth, len(BLUR_SIGMAS_PX)))


def min_good(rows: Sequence[Bin], overall: float) -> float:
    """Lower edge of the last unbroken run of good bins, searched from the highest bin down.

    Args:
        rows: bins in ascending order.
        overall: accuracy on all faces, see `MIN_RELATIVE_ACCURACY`.
    """
    good = rows[-1].low if rows else 0.0
    for row in reversed(rows):
        if row.accuracy.value < MIN_RELATIVE_ACCURACY * overall:
            break
        good = row.low
    return good


def max_good(rows: Sequence[Bin], overall: float) -> float:
    """Upper edge of the first unbroken run of good bins, searched from the lowest bin up."""
    good = rows[0].high if rows else MAX_YAW_DEG
    for row in rows:
        if row.accuracy.value < MIN_RELATIVE_ACCURACY * overall:
            break
        good = row.high
    return good


def quality_limits(
    predict: Predict, validation: ValidationFaces
) -> tuple[dict[str, float], dict[str, list[Bin]]]:
    """Thresholds of size, sharpness and yaw.

    Returns:
        The thresholds by model card key, and the bins they were chosen from.
    """
    crops, truth = validation.crops, validation.truth
    prob = predict(crops)
    overall = float(np.mean(prob.argmax(axis=1) == truth))
    by_yaw = accuracy_by(np.abs(validation.yaw_deg), YAW_EDGES_DEG, prob, truth)
    evidence = {
        "face_px": accuracy_by_size(predict, crops, truth, validation.face_px),
        "sharpness": accuracy_by_sharpness(predict, crops, truth),
        "yaw_deg": [row for row in by_yaw if row.n >= MIN_BIN_FACES],
    }
    chosen = {
        "min_side_px": round(min_good(evidence["face_px"], overall), 1),
        "min_sharpness": round(min_good(evidence["sharpness"], overall), 4),
        "max_yaw_deg": round(max_good(evidence["yaw_deg"], overall), 1),
    }
    return chosen, evidence


def find_thresholds(
    network: LiteRTModel,
    validation: ValidationFaces,
    *,
    risk: float,
    masked_risk: float | None,
) -> Certainty:
    """Choose all thresholds for a network.

    Args:
        network: the exported network.
        validation: validation faces.
        risk: highest error rate allowed among confident answers, 0 to 1.
        masked_risk: the same for masked faces; None to choose no thresholds for them.
    """

    def prob_of(crops: NDArray[np.uint8]) -> F32:
        return predict(network, crops)

    truth = validation.truth
    prob = prob_of(validation.crops)
    # Sources differ in size, sharpness and difficulty alike, which says nothing about quality.
    chosen, evidence = quality_limits(prob_of, validation.of_first_source())
    masked: dict[str, float] = {}
    if masked_risk is not None:
        masked_prob = prob_of(validation.with_masks())
        temperature = fit_temperature(masked_prob, truth)
        threshold = threshold_for(apply_temperature(masked_prob, temperature), truth, masked_risk)
        masked = {
            "masked_temperature": temperature,
            "masked_confidence": 1.0 if threshold is None else threshold,
        }
    threshold = threshold_for(prob, truth, risk)
    unsure = Unsure(confidence=1.0 if threshold is None else threshold, **chosen, **masked)
    return Certainty(unsure, prob, truth, evidence)


def _blur(crop: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    return _keep_shape(np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8), crop)


def _keep_shape(changed: NDArray[np.uint8], crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return changed.reshape(crop.shape)  # OpenCV drops the axis of a single channel
