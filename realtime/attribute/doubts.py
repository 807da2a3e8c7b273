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
from realtime.attribute.quality import side_px, yaw_deg
from realtime.core.faces import F32, MASK_LABELS, Doubt, Faces

LEAVE = 0.85  # a doubt ends where what gives rise to it has shrunk to this part of the threshold
WORN, NO_LONGER_WORN = 0.5, 0.4  # probability of a mask, well or wrongly worn
_BARE = MASK_LABELS.index("without_mask")


class Answers(NamedTuple):
    """What a classifier says of n faces.

    Attributes:
        prob: (n, len(labels)) probabilities.
        sharpness: (n,) of the crops it saw, see `realtime.attribute.quality.sharpness`.
    """

    prob: F32
    sharpness: F32


@dataclass(frozen=True, slots=True, eq=False)
class Quality:
    """How well each of n faces can be read; see `realtime.attribute.quality`.

    Attributes:
        side_px: (n,) shorter side of the box about its landmarks.
        yaw_deg: (n,) how far it is turned to the side; NaN where that is not known.
        sharpness: (n,) of the classifier's crop of it.
    """

    side_px: F32
    yaw_deg: F32
    sharpness: F32


class Verdict(NamedTuple):
    """What was judged of n faces; see the attributes of `Faces` of the same names.

    Attributes:
        masked: (n,) bool.
        mask_doubt: (n,) uint8.
        emotion_doubt: (n,) uint8.
    """

    masked: NDArray[np.bool_]
    mask_doubt: NDArray[np.uint8]
    emotion_doubt: NDArray[np.uint8]

    @classmethod
    def none(cls, count: int) -> Verdict:
        """That of faces which were not judged before."""
        zeros = np.zeros(count, np.uint8)
        return cls(zeros.astype(np.bool_), zeros, zeros)


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
    before: Verdict | None = None,
) -> Faces:
    """The faces with what the classifiers say of them, and how far that is to be trusted.

    Args:
        faces: with landmarks.
        mask: what the mask classifier says of them; None if it was not asked.
        emotion: as above.
        rules: of both cards.
        call_unsure: whether answers are doubted at all.
        before: what was judged of the same faces in the frame before, if they were.
    """
    landmarks = faces.landmarks
    assert landmarks is not None
    before = before or Verdict.none(len(faces))
    masked = mask_doubt = emotion_doubt = None
    if mask is not None:
        masked = wears_mask(mask.prob, before.masked)
    if emotion is not None and masked is not None:
        temperature = rules.emotion.masked_temperature
        emotion = emotion._replace(prob=tempered(emotion.prob, masked, temperature))
    if call_unsure:
        has_depth = landmarks.shape[2] == 3
        side = side_px(landmarks)
        yaw = yaw_deg(landmarks) if has_depth else np.full(len(faces), np.nan, np.float32)
        if mask is not None:
            quality = Quality(side, yaw, mask.sharpness)
            mask_doubt = doubts(mask.prob, quality, rules.mask, before=before.mask_doubt)
        if emotion is not None:
            quality = Quality(side, yaw, emotion.sharpness)
            emotion_doubt = doubts(
                emotion.prob, quality, rules.emotion, masked=masked, before=before.emotion_doubt
            )
    return faces.with_(
        mask_prob=None if mask is None else mask.prob,
        emotion_prob=None if emotion is None else emotion.prob,
        mask_doubt=mask_doubt,
        emotion_doubt=emotion_doubt,
        masked=masked,
    )


def with_gender(
    faces: Faces,
    gender: Answers,
    unsure: Unsure,
    *,
    call_unsure: bool = True,
    before: NDArray[np.uint8] | None = None,
) -> Faces:
    """The faces with what the gender classifier says of them; arguments as `judged` takes them."""
    doubt = None
    if call_unsure and faces.landmarks is not None:
        quality = Quality(side_px(faces.landmarks), yaw_deg(faces.landmarks), gender.sharpness)
        doubt = doubts(gender.prob, quality, unsure, before=before)
    return faces.with_(gender_prob=gender.prob, gender_doubt=doubt)


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
    # What gives rise to each doubt, in the order of its bits, as a part of what is allowed.
    faults = np.empty((len(prob), len(Doubt)))
    with np.errstate(divide="ignore", invalid="ignore"):
        faults[:, 0] = unsure.least_side_px / quality.side_px
        faults[:, 1] = unsure.least_sharpness / quality.sharpness
        faults[:, 2] = np.abs(quality.yaw_deg) / unsure.most_yaw_deg
        faults[:, 3] = (1 - prob.max(axis=1)) / (1 - confidence)
    allowed = np.ones_like(faults)
    if before is not None:
        held = np.unpackbits(before[:, None], axis=1, count=len(Doubt), bitorder="little")
        allowed[held.astype(np.bool_)] = LEAVE
    found = (faults > allowed) & ~np.isnan(prob[:, :1])
    return np.packbits(found, axis=1, bitorder="little")[:, 0]


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
