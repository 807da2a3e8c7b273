"""Which answers are to be called unsure, and how a mask makes an emotion less certain.

A doubt that holds goes on to hold until the face is better than the threshold by some measure:
without that, an answer at the threshold would flicker from frame to frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from models import Unsure
from realtime.classify.quality import side_px, yaw_deg
from realtime.faces import F32, MASK_LABELS, Doubt, Faces

LEAVE = 0.85  # a doubt ends where what gives rise to it has shrunk to this part of the threshold
WORN, NO_LONGER_WORN = 0.5, 0.4  # probability of a mask, well or wrongly worn
_BARE = MASK_LABELS.index("without_mask")


class Answers(NamedTuple):
    """What a classifier says of n faces.

    Attributes:
        prob: (n, len(labels)) probabilities.
        sharpness: (n,) of the crops it saw, see `realtime.classify.quality.sharpness`.
    """

    prob: F32
    sharpness: F32


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How well each of n faces can be read; see `realtime.classify.quality`.

    Attributes:
        side_px: (n,) shorter side of the box about its landmarks.
        yaw_deg: (n,) how far it is turned to the side; NaN where that is not known.
        sharpness: (n,) of the classifier's crop of it.
    """

    side_px: F32
    yaw_deg: F32
    sharpness: F32

    @classmethod
    def of(cls, landmarks: F32, sharpness: F32) -> Quality:
        """From landmarks (n, 468, 3), or (n, 68, 2), which do not tell how far a face is turned."""
        has_depth = landmarks.shape[2] == 3
        unknown = np.full(len(landmarks), np.nan, np.float32)
        return cls(side_px(landmarks), yaw_deg(landmarks) if has_depth else unknown, sharpness)


@dataclass(frozen=True, slots=True)
class Rules:
    """When answers are to be called unsure, from the classifiers' cards.

    Attributes:
        mask: of the mask classifier.
        emotion: of the emotion classifier.
    """

    mask: Unsure
    emotion: Unsure


def judged(
    faces: Faces,
    mask: Answers | None,
    emotion: Answers | None,
    rules: Rules,
    *,
    call_unsure: bool = True,
    before: Faces | None = None,
) -> Faces:
    """The faces with what the classifiers say of them, and how far that is to be trusted.

    Args:
        faces: with landmarks.
        mask: what the mask classifier says of them; None if it was not asked.
        emotion: as above.
        rules: of both cards.
        call_unsure: whether answers are doubted at all.
        before: the same faces as they were judged in the frame before, if they were.
    """
    assert faces.landmarks is not None
    before = before or faces
    masked = mask_doubt = emotion_doubt = None
    if mask is not None:
        masked = wears_mask(mask.prob, _or_zero(before.masked))
        if call_unsure:
            quality = Quality.of(faces.landmarks, mask.sharpness)
            last = _or_zero(before.mask_doubt)
            mask_doubt = doubts(mask.prob, quality, rules.mask, before=last)
    if emotion is not None:
        if masked is not None:
            temperature = rules.emotion.masked_temperature
            emotion = emotion._replace(prob=tempered(emotion.prob, masked, temperature))
        if call_unsure:
            quality = Quality.of(faces.landmarks, emotion.sharpness)
            last = _or_zero(before.emotion_doubt)
            emotion_doubt = doubts(emotion.prob, quality, rules.emotion, masked=masked, before=last)
    return faces.with_(
        mask_prob=None if mask is None else mask.prob,
        emotion_prob=None if emotion is None else emotion.prob,
        mask_doubt=mask_doubt,
        emotion_doubt=emotion_doubt,
        masked=masked,
    )


def doubts(
    prob: F32,
    quality: Quality,
    unsure: Unsure,
    *,
    masked: NDArray[np.bool_] | None = None,
    before: ArrayLike = 0,
) -> NDArray[np.uint8]:
    """Why each answer of one classifier is unsure.

    Args:
        prob: (n, k) probabilities; a row of NaN is not yet an answer and not in doubt.
        quality: of the n faces.
        unsure: the thresholds of the classifier's card.
        masked: (n,) which faces wear a mask, where that matters to this classifier.
        before: (n,) the doubts of the frame before, 0 for a new face.

    Returns:
        (n,) the `Doubt`s of each face, 0 where the answer is sure.
    """
    confidence = np.full(len(prob), unsure.confidence)
    if masked is not None and unsure.masked_confidence is not None:
        confidence[masked] = unsure.masked_confidence
    held = np.broadcast_to(np.asarray(before, np.uint8), len(prob))
    slack = [np.where(held & doubt, LEAVE, 1.0) for doubt in Doubt]
    small, blurred, turned, close = slack
    found = (
        Doubt.SMALL * (quality.side_px * small < unsure.least_side_px)
        + Doubt.BLURRED * (quality.sharpness * blurred < unsure.least_sharpness)
        + Doubt.TURNED * (np.abs(quality.yaw_deg) > unsure.most_yaw_deg * turned)
        + Doubt.CLOSE * (1 - prob.max(axis=1, initial=0) > (1 - confidence) * close)
    )
    answered = ~np.isnan(prob).any(axis=1)
    return np.where(answered, found, 0).astype(np.uint8)


def wears_mask(mask_prob: F32, before: ArrayLike = False) -> NDArray[np.bool_]:
    """Which faces probably wear a mask, well or wrongly: either covers a part of the face.

    Args:
        mask_prob: (n, 3) in the order of `MASK_LABELS`; NaN counts as no mask.
        before: (n,) what this said of the frame before.
    """
    worn = 1 - mask_prob[:, _BARE]
    masked: NDArray[np.bool_] = worn > np.where(before, NO_LONGER_WORN, WORN)
    return masked


def tempered(prob: F32, masked: NDArray[np.bool_], temperature: float) -> F32:
    """The probabilities (n, k), those of masked faces brought closer to each other.

    The order of the labels stays; NaN stays NaN.
    """
    if temperature == 1 or not masked.any():
        return prob
    powers = prob[masked] ** np.float32(1 / temperature)
    result = prob.copy()
    result[masked] = powers / powers.sum(axis=1, keepdims=True)
    return result


def _or_zero(values: ArrayLike | None) -> ArrayLike:
    return 0 if values is None else values
