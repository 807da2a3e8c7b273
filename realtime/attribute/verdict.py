"""The final answers about faces: what the classifiers say, tempered by masks, and judged.

A doubt that holds continues to hold until the face is better than the threshold by some margin
(hysteresis): otherwise an answer at the threshold would flicker from frame to frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import Unsure
from realtime.attribute.classifier import Scores
from realtime.attribute.quality import Quality, side_px, yaw_deg
from realtime.attribute.registry import ATTRIBUTES, MASK
from realtime.core.answers import Answers, Doubt
from realtime.core.arrays import F32
from realtime.core.faces import Faces

KEEP_DOUBT = 0.85  # a doubt ends where its cause has shrunk to this share of the threshold
WORN, NO_LONGER_WORN = 0.5, 0.4  # probability of a mask, worn correctly or not
_BARE = MASK.labels.index("without_mask")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """What was judged of n faces in the previous frame.

    Attributes:
        masked: (n,) bool, whether each face probably wore a mask.
        doubt: (n,) uint8 by attribute name; attributes that are missing were not in doubt.
    """

    masked: NDArray[np.bool_]
    doubt: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)


def judge(
    faces: Faces,
    scores: Mapping[str, Scores],
    thresholds: Mapping[str, Unsure],
    *,
    call_unsure: bool = True,
    previous: Verdict | None = None,
) -> Faces:
    """The faces with the classifiers' answers, and how far these can be trusted.

    Args:
        faces: with landmarks.
        scores: what each classifier says of them, by attribute name.
        thresholds: of each classifier's model card, by attribute name.
        call_unsure: whether answers are doubted at all.
        previous: the verdict on the same faces in the previous frame, if there was one.
    """
    landmarks = faces.landmarks
    assert landmarks is not None
    masked = None
    if MASK.name in scores:
        before = False if previous is None else previous.masked
        masked = wears_mask(scores[MASK.name].prob, before)
    side, yaw = side_px(landmarks), yaw_deg(landmarks)
    answers = {}
    for name, said in scores.items():
        attribute, unsure = ATTRIBUTES[name], thresholds[name]
        hidden = masked if attribute.mask_sensitive else None
        prob, doubt = said.prob, None
        if hidden is not None:
            prob = temper(prob, hidden, unsure.masked_temperature)
        if call_unsure:
            doubt = doubts(
                prob,
                Quality(side, yaw, said.sharpness),
                unsure,
                masked=hidden,
                before=None if previous is None else previous.doubt.get(name),
            )
        answers[name] = Answers(attribute.labels, prob, doubt)
    return faces.with_(attributes={**faces.attributes, **answers}, masked=masked)


def doubts(
    prob: F32,
    quality: Quality,
    unsure: Unsure,
    *,
    masked: NDArray[np.bool_] | None = None,
    before: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Why each answer of one classifier is unsure.

    Args:
        prob: (n, k) probabilities; a row of NaN is not an answer yet and not in doubt.
        quality: of the n faces.
        unsure: the thresholds of the classifier's card.
        masked: (n,) which faces wear a mask, where that matters to this classifier.
        before: (n,) the doubts in the previous frame, 0 for a new face.

    Returns:
        (n,) the `Doubt`s of each face, 0 where the answer is sure.
    """
    confidence = np.full(len(prob), unsure.confidence)
    if masked is not None and unsure.masked_confidence is not None:
        confidence[masked] = unsure.masked_confidence
    # The cause of each doubt, in the order of its bits, as a share of what is allowed.
    causes = np.empty((len(prob), len(Doubt)))
    with np.errstate(divide="ignore", invalid="ignore"):
        causes[:, 0] = unsure.min_side_px / quality.side_px
        causes[:, 1] = unsure.min_sharpness / quality.sharpness
        causes[:, 2] = np.abs(quality.yaw_deg) / unsure.max_yaw_deg
        causes[:, 3] = (1 - prob.max(axis=1)) / (1 - confidence)
    allowed = np.ones_like(causes)
    if before is not None:
        held = np.unpackbits(before[:, None], axis=1, count=len(Doubt), bitorder="little")
        allowed[held.astype(np.bool_)] = KEEP_DOUBT
    found = (causes > allowed) & ~np.isnan(prob[:, :1])
    return np.packbits(found, axis=1, bitorder="little")[:, 0]


def wears_mask(mask_prob: F32, before: ArrayLike = False) -> NDArray[np.bool_]:
    """Which faces probably wear a mask, correctly or not: either covers a part of the face.

    Args:
        mask_prob: (n, 3) in the order of the mask's labels; NaN counts as no mask.
        before: (n,) the result for the previous frame.
    """
    worn = 1 - mask_prob[:, _BARE]
    masked: NDArray[np.bool_] = worn > np.where(before, NO_LONGER_WORN, WORN)
    return masked


def temper(prob: F32, masked: NDArray[np.bool_], temperature: float) -> F32:
    """Probabilities (n, k) p of masked faces as p**(1/temperature), renormalised.

    The order of the labels stays; NaN stays NaN.
    """
    if temperature == 1 or not masked.any():
        return prob
    powers = prob[masked] ** np.float32(1 / temperature)
    result = prob.copy()
    result[masked] = powers / powers.sum(axis=1, keepdims=True)
    return result
