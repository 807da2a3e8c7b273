"""Several detectors as one: what they say of one face is fused into one box.

Weighted boxes fusion: Solovyev, Wang and Gabruseva, https://arxiv.org/abs/1910.13302, by the
`ensemble-boxes` package, which is imported with the first ensemble: it brings numba.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realtime.core.faces import F32, Faces, Frame
from realtime.core.geometry import iou
from realtime.detect.types import Detector

SAME_FACE_IOU = 0.4  # detectors differ in what of a head they call the face
WEAKEST = 0.2  # of a member's own least score: weaker answers do not even count as agreement
# Where the eyes of an upright face lie in its box, in shares of its sides: right eye, left eye.
USUAL_EYES = np.array([[0.3, 0.4], [0.7, 0.4]], np.float32)


@dataclass(frozen=True, slots=True)
class Member:
    """What one detector's word is worth in an ensemble.

    Attributes:
        min_score: its own least score, which is made to mean 0.5 for all members.
        weight: how much its word counts.
        box_shift: what is added to the left, top, right and bottom of its boxes, in shares of
            their width and height, so that all members draw a face alike.
    """

    min_score: float
    weight: float = 1.0
    box_shift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)


class Ensemble:
    """Asks each of its detectors, one member each, and fuses the answers."""

    def __init__(self, detectors: Sequence[Detector], members: Sequence[Member]) -> None:
        import ensemble_boxes  # noqa: F401  (its import takes seconds: now, not with a frame)

        self._members = tuple(zip(detectors, members, strict=True))

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """The faces with at least this score, best first.

        The two eyes stand as key points: those of the surest member on the face that has any, or
        where an upright face would have them.
        """
        answers = [
            detector.detect(frame_bgr, min_score=WEAKEST * member.min_score)
            for detector, member in self._members
        ]
        members = [member for _, member in self._members]
        faces = fuse_answers(answers, members, (frame_bgr.shape[1], frame_bgr.shape[0]))
        return faces[faces.score >= min_score]


def fuse_answers(
    answers: Sequence[Faces], members: Sequence[Member], size_wh: tuple[int, int]
) -> Faces:
    """Each member's own answers on one picture, fused."""
    pairs = zip(answers, members, strict=True)
    alike = [
        a.with_(xyxy=shifted(a.xyxy, m.box_shift), score=even(a.score, m.min_score))
        for a, m in pairs
    ]
    return fuse(alike, [m.weight for m in members], size_wh)


def shifted(xyxy: F32, shift: Sequence[float]) -> F32:
    """Boxes whose sides are moved by these shares of their width and height."""
    width_height = np.tile(xyxy[:, 2:] - xyxy[:, :2], 2)
    return np.asarray(xyxy + width_height * np.asarray(shift, np.float32), np.float32)


def even(score: F32, min_score: float) -> F32:
    """Scores on a scale on which `min_score` is 0.5: straight lines from 0 to it and on to 1."""
    scaled = np.interp(score, [0, min_score, 1], [0, 0.5, 1])
    return np.asarray(scaled, np.float32)


def fuse(answers: Sequence[Faces], weights: Sequence[float], size_wh: tuple[int, int]) -> Faces:
    """Weighted boxes fusion.

    A box is the mean of the boxes on it, and its score the mean of the members' scores, those who
    do not see the face counting with 0: both weighted.

    Args:
        answers: each member's, with scores that mean the same.
        weights: one for each member.
        size_wh: the picture's, in pixels.

    Returns:
        The faces, best first, with two eyes each, (n, 2, 2), as `Ensemble.detect` gives them.
    """
    from ensemble_boxes import weighted_boxes_fusion

    size = np.tile(np.asarray(size_wh, np.float32), 2)
    boxes = [np.clip(a.xyxy / size, 0, 1) for a in answers]
    inside = [(b[:, 2:] > b[:, :2]).all(axis=1) for b in boxes]
    xyxy, score, _ = weighted_boxes_fusion(
        [b[i] for b, i in zip(boxes, inside, strict=True)],
        [a.score[i] for a, i in zip(answers, inside, strict=True)],
        [np.zeros(int(i.sum())) for i in inside],
        weights=list(weights),
        iou_thr=SAME_FACE_IOU,
    )
    order = np.argsort(-score, kind="stable")
    fused = np.asarray(xyxy[order] * size, np.float32)
    return Faces(
        xyxy=fused,
        score=np.asarray(np.clip(score[order], 0, 1), np.float32),
        keypoints=_eyes(fused, answers),
    )


def _eyes(xyxy: F32, answers: Sequence[Faces]) -> F32:
    """For each box the eyes of the surest answer on it that has any, or usual ones: (n, 2, 2)."""
    corner, side = xyxy[:, None, :2], (xyxy[:, 2:] - xyxy[:, :2])[:, None]
    eyes = np.asarray(corner + side * USUAL_EYES, np.float32)
    able = [a for a in answers if a.keypoints is not None and len(a)]
    if not able or not len(xyxy):
        return eyes
    points = np.concatenate([a.keypoints[:, :2] for a in able if a.keypoints is not None])
    on_it = iou(xyxy, np.concatenate([a.xyxy for a in able])) > SAME_FACE_IOU
    sureness = np.where(on_it, np.concatenate([a.score for a in able]), -1)
    known = on_it.any(axis=1)
    eyes[known] = points[sureness[known].argmax(axis=1)]
    return eyes
