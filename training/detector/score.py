"""Detection metrics: matching, precision, recall and average precision.

Pure NumPy, over any number of pictures. An ignored true box (a face too small to evaluate, for
example) is not a miss if undetected, and a detection on it is not a false positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from realtime.core.geometry import iou

MIN_IOU = 0.5
F64 = NDArray[np.float64]
Positions = NDArray[np.int64]
FALSE_POSITIVE, IGNORED = -1, -2  # instead of the index of the matched true box


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """Detections and true boxes of one picture.

    Attributes:
        xyxy: (n, 4) detected boxes.
        score: (n,) detection scores, on any scale.
        truth: (m, 4) true boxes.
        ignored: (m,) bool, true boxes that are not evaluated; None for none.
    """

    xyxy: F32
    score: F32
    truth: F32
    ignored: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision-recall curve: one row per distinct score, in descending order.

    Attributes:
        score: (k,) the threshold.
        true_positives: (k,) true faces detected with at least that score.
        false_positives: (k,) detections on no face, or on one already detected.
        faces: number of true faces evaluated.
        pictures: number of pictures evaluated.
    """

    score: F64
    true_positives: Positions
    false_positives: Positions
    faces: int
    pictures: int = field(default=0)

    @property
    def precision(self) -> F64:
        """(k,) the fraction of detections that are correct; 1 where there are none."""
        detections = self.true_positives + self.false_positives
        return _ratio(self.true_positives, detections, empty=1.0)

    @property
    def recall(self) -> F64:
        """(k,) the fraction of faces detected; 0 where there are none."""
        faces = np.full_like(self.true_positives, self.faces)
        return _ratio(self.true_positives, faces, empty=0.0)

    @property
    def f1(self) -> F64:
        """(k,) the harmonic mean of precision and recall."""
        detections = self.true_positives + self.false_positives
        return _ratio(2 * self.true_positives, detections + self.faces, empty=0.0)

    def average_precision(self) -> float:
        """Area under the interpolated curve: the best precision at that recall or higher."""
        if self.faces == 0 or not len(self.score):
            return 0.0
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        return float(np.sum(np.diff(self.recall, prepend=0.0) * best))

    def at(self, min_score: float) -> OperatingPoint:
        """The metrics at a threshold."""
        row = int(np.searchsorted(-self.score, -min_score, side="right")) - 1
        right = 0 if row < 0 else int(self.true_positives[row])
        wrong = 0 if row < 0 else int(self.false_positives[row])
        return OperatingPoint(float(min_score), right, wrong, self.faces, self.pictures)

    def best(self) -> OperatingPoint:
        """The metrics at the threshold that maximises F1; on ties, the higher threshold."""
        if not len(self.score):
            return OperatingPoint(1.0, 0, 0, self.faces, self.pictures)
        return self.at(float(self.score[int(np.argmax(self.f1))]))


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """A detector's metrics at one threshold."""

    min_score: float
    true_positives: int
    false_positives: int
    faces: int
    pictures: int

    @property
    def precision(self) -> float:
        """The fraction of detections that are correct; 1 where there are none."""
        detections = self.true_positives + self.false_positives
        return self.true_positives / detections if detections else 1.0

    @property
    def recall(self) -> float:
        """The fraction of faces detected; 0 where there are none."""
        return self.true_positives / self.faces if self.faces else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.true_positives + self.false_positives + self.faces
        return 2 * self.true_positives / total if total else 0.0

    @property
    def false_positives_per_picture(self) -> float:
        """Mean number of false positives per picture."""
        return self.false_positives / self.pictures if self.pictures else 0.0


def match(picture: Picture, *, min_iou: float = MIN_IOU) -> Positions:
    """Match detections to true boxes greedily, highest score first, by the largest overlap.

    A detection without a free true box is ignored if it overlaps an ignored one; any number of
    detections may overlap the same ignored box.

    Args:
        picture: the detections and true boxes.
        min_iou: minimum IoU of a match.

    Returns:
        (n,) the index of the matched true box of each detection, or `FALSE_POSITIVE` or `IGNORED`.
    """
    truth, detected = len(picture.truth), len(picture.xyxy)
    ignored = np.zeros(truth, np.bool_) if picture.ignored is None else picture.ignored
    overlap = iou(picture.xyxy, picture.truth) if truth else np.zeros((detected, 0), np.float32)
    on_ignored = (overlap[:, ignored] >= min_iou).any(axis=1)
    result = np.where(on_ignored, IGNORED, FALSE_POSITIVE).astype(np.int64)
    free = np.where(ignored, np.float32(-1), overlap)
    # Most low-score detections overlap no face: skip them.
    candidates = np.flatnonzero((free >= min_iou).any(axis=1))
    for i in candidates[np.argsort(-picture.score[candidates], kind="stable")]:
        best = int(free[i].argmax())
        if free[i, best] >= min_iou:
            result[i] = best
            free[:, best] = -1
    return result


def curve(pictures: Sequence[Picture], *, min_iou: float = MIN_IOU) -> Curve:
    """Precision-recall curve of a detector over these pictures."""
    faces, scores, outcomes = 0, [np.zeros(0)], [np.zeros(0, np.int64)]
    for picture in pictures:
        ignored = 0 if picture.ignored is None else int(picture.ignored.sum())
        faces += len(picture.truth) - ignored
        scores.append(np.asarray(picture.score, np.float64))
        outcomes.append(match(picture, min_iou=min_iou))
    score, outcome = np.concatenate(scores), np.concatenate(outcomes)
    score, outcome = score[outcome != IGNORED], outcome[outcome != IGNORED]
    order = np.argsort(-score, kind="stable")
    score, hit = score[order], outcome[order] != FALSE_POSITIVE
    rows = np.flatnonzero(np.diff(score, append=-np.inf))
    return Curve(score[rows], np.cumsum(hit)[rows], np.cumsum(~hit)[rows], faces, len(pictures))


def average_precision(pictures: Sequence[Picture], *, min_iou: float = MIN_IOU) -> float:
    """Area under the precision-recall curve, by default AP@0.5."""
    return curve(pictures, min_iou=min_iou).average_precision()


def _ratio(part: Positions, whole: Positions, *, empty: float) -> F64:
    ratio = np.divide(part, whole, out=np.full(len(part), empty), where=whole > 0)
    return np.asarray(ratio, np.float64)
