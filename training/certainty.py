"""When an answer is to be called unsure: the `[unsure]` table of a model's card.

Thresholds come from validation faces: of the confidence from their risk-coverage curve, of size,
sharpness and turn from how far the accuracy falls on faces made small or blurred, or turned away.
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
from training.calibration import temperature, tempered
from training.crops import JAW
from training.evaluate import Bin, Labels, accuracy_by, predict
from training.paint_mask import Wear, paint_mask
from training.risk_coverage import threshold_for
from training.verdict import Certainty

FALL = 0.9  # a face too small, blurred or turned has less than this share of the usual accuracy
SHARES = (0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0)  # of the crop's detail that is left
BLURS = (0.0, 0.6, 1.0, 1.5, 2.0, 2.7, 3.5, 5.0)  # standard deviations in pixels of the crop
MOST_YAW_DEG = 90.0
TURNS_DEG = (0, 10, 20, 30, 40, 50, 60, MOST_YAW_DEG)
FEWEST = 25  # faces in a bin from which its accuracy counts

Predict = Callable[[NDArray[np.uint8]], F32]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Validation faces.

    Attributes:
        crops: (n, side, side, c) uint8 of the final size.
        truth: (n,) the right classes.
        outline: (n, 30, 2) the mesh points `training.crops.OUTLINE` in pixels of the crop.
        yaw_deg: (n,) how far each face is turned to the side.
    """

    crops: NDArray[np.uint8]
    truth: Labels
    outline: F32
    yaw_deg: F32

    @property
    def face_px(self) -> float:
        """The median width of a face in its crop, in pixels."""
        jaw = self.outline[:, : len(JAW), 0]
        return float(np.median(np.ptp(jaw, axis=1))) if len(jaw) else 0.0

    def masked(self, *, seed: int = 0) -> NDArray[np.uint8]:
        """The crops with a mask painted on each face, the same for a seed."""
        rng = np.random.default_rng(seed)
        pairs = zip(self.crops, self.outline, strict=True)
        return np.stack([paint_mask(crop, points, Wear.WORN, rng) for crop, points in pairs])


def by_size(predict: Predict, crops: NDArray[np.uint8], truth: Labels, face_px: float) -> list[Bin]:
    """Accuracy of faces made as small as a share of `face_px`, their size in the crop."""
    rows = []
    for share in SHARES:
        small = np.stack([_as_is(coarsen(c, share), c) for c in crops])
        size = np.full(len(crops), face_px * share)
        rows += accuracy_by(size, (size[0], np.inf), predict(small), truth)
    return rows


def by_sharpness(predict: Predict, crops: NDArray[np.uint8], truth: Labels) -> list[Bin]:
    """Accuracy by the sharpness of faces that were blurred from not at all to wholly."""
    values, prob = [], []
    for sigma in BLURS:
        blurred = crops if sigma == 0 else np.stack([_blur(c, sigma) for c in crops])
        values.append(sharpness(blurred))
        prob.append(predict(blurred))
    value = np.concatenate(values)
    edges = [*np.quantile(value, np.linspace(0, 1, 13))[:-1], np.inf]
    return accuracy_by(value, edges, np.concatenate(prob), np.tile(truth, len(BLURS)))


def least(rows: Sequence[Bin], usual: float) -> float:
    """The lower end of the bins that are still good, counted from the best quality downwards."""
    good = rows[-1].low if rows else 0.0
    for row in reversed(rows):
        if row.accuracy.value < FALL * usual:
            break
        good = row.low
    return good


def most(rows: Sequence[Bin], usual: float) -> float:
    """The upper end of the bins that are still good, counted upwards."""
    good = rows[0].high if rows else MOST_YAW_DEG
    for row in rows:
        if row.accuracy.value < FALL * usual:
            break
        good = row.high
    return good


def limits(predict: Predict, held: Held) -> tuple[dict[str, float], dict[str, list[Bin]]]:
    """The card's limits of size, sharpness and turn, and the bins that they were read off."""
    prob = predict(held.crops)
    usual = float(np.mean(prob.argmax(axis=1) == held.truth))
    turns = accuracy_by(np.abs(held.yaw_deg), TURNS_DEG, prob, held.truth)
    evidence = {
        "face_px": by_size(predict, held.crops, held.truth, held.face_px),
        "sharpness": by_sharpness(predict, held.crops, held.truth),
        "yaw_deg": [row for row in turns if row.n >= FEWEST],
    }
    chosen = {
        "least_side_px": round(least(evidence["face_px"], usual), 1),
        "least_sharpness": round(least(evidence["sharpness"], usual), 4),
        "most_yaw_deg": round(most(evidence["yaw_deg"], usual), 1),
    }
    return chosen, evidence


def find_certainty(
    network: LiteRTModel, held: Held, *, risk: float, masked_risk: float | None
) -> Certainty:
    """When a network's answers are unsure.

    Args:
        network: as it is shipped.
        held: validation faces.
        risk: the share of wrong answers that is allowed among those shown as sure.
        masked_risk: the same while a mask is worn; None where masks are no matter.
    """

    def answers(crops: NDArray[np.uint8]) -> F32:
        return predict(network, crops)

    prob = answers(held.crops)
    chosen, evidence = limits(answers, held)
    more: dict[str, float] = {}
    if masked_risk is not None:
        covered = answers(held.masked())
        heat = temperature(covered, held.truth)
        sure = threshold_for(tempered(covered, heat), held.truth, masked_risk)
        more = {"masked_temperature": heat, "masked_confidence": 1.0 if sure is None else sure}
    sure = threshold_for(prob, held.truth, risk)
    unsure = Unsure(confidence=1.0 if sure is None else sure, **chosen, **more)
    return Certainty(unsure, prob, held.truth, evidence)


def _blur(crop: NDArray[np.uint8], sigma: float) -> NDArray[np.uint8]:
    return _as_is(np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8), crop)


def _as_is(changed: NDArray[np.uint8], crop: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return changed.reshape(crop.shape)  # OpenCV drops the axis of a single channel
