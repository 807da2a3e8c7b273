"""How good a detector's answers are: matching, precision, recall and average precision.

Pure NumPy over any number of pictures. Truth that is to be ignored (faces too small to judge, say)
neither counts as missed nor makes an answer on it a mistake.
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
MISTAKE, IGNORED = -1, -2  # in place of the position of the truth that an answer hit


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """What was answered on one picture, and what is true.

    Attributes:
        xyxy: (n, 4) the answers' boxes.
        score: (n,) how sure the detector was of each, on any scale.
        truth: (m, 4) the true boxes.
        ignored: (m,) bool, true boxes that are not judged; none where it is None.
    """

    xyxy: F32
    score: F32
    truth: F32
    ignored: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """Precision and recall as the least score falls, one row for each distinct score.

    Attributes:
        score: (k,) the least score that counts, falling.
        hits: (k,) true faces found with that score or more.
        mistakes: (k,) answers on no face, or on one already found.
        faces: the true faces that count.
        pictures: how many pictures were judged.
    """

    score: F64
    hits: Positions
    mistakes: Positions
    faces: int
    pictures: int = field(default=0)

    @property
    def precision(self) -> F64:
        """(k,) the share of right answers; 1 where nothing was answered."""
        return _share(self.hits, self.hits + self.mistakes, empty=1.0)

    @property
    def recall(self) -> F64:
        """(k,) the share of the faces found; 0 where there are none."""
        return _share(self.hits, np.full_like(self.hits, self.faces), empty=0.0)

    @property
    def f1(self) -> F64:
        """(k,) the harmonic mean of precision and recall."""
        return _share(2 * self.hits, self.hits + self.mistakes + self.faces, empty=0.0)

    def average_precision(self) -> float:
        """The area under the curve, each precision raised to the best at that recall or more."""
        if self.faces == 0 or not len(self.score):
            return 0.0
        best = np.maximum.accumulate(self.precision[::-1])[::-1]
        return float(np.sum(np.diff(self.recall, prepend=0.0) * best))

    def at(self, min_score: float) -> Operating:
        """The figures where answers of at least this score count."""
        row = int(np.searchsorted(-self.score, -min_score, side="right")) - 1
        hits, mistakes = (0, 0) if row < 0 else (int(self.hits[row]), int(self.mistakes[row]))
        return Operating(float(min_score), hits, mistakes, self.faces, self.pictures)

    def best(self) -> Operating:
        """The figures at the least score that maximises F1, the higher score of equals."""
        if not len(self.score):
            return Operating(1.0, 0, 0, self.faces, self.pictures)
        return self.at(float(self.score[int(np.argmax(self.f1))]))


@dataclass(frozen=True, slots=True)
class Operating:
    """A detector's figures at one least score."""

    min_score: float
    hits: int
    mistakes: int
    faces: int
    pictures: int

    @property
    def precision(self) -> float:
        """The share of right answers; 1 where nothing was answered."""
        answers = self.hits + self.mistakes
        return self.hits / answers if answers else 1.0

    @property
    def recall(self) -> float:
        """The share of the faces found; 0 where there are none."""
        return self.hits / self.faces if self.faces else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        both = self.hits + self.mistakes + self.faces
        return 2 * self.hits / both if both else 0.0

    @property
    def mistakes_per_picture(self) -> float:
        """False alarms for each picture."""
        return self.mistakes / self.pictures if self.pictures else 0.0


def match(picture: Picture, *, min_iou: float = MIN_IOU) -> Positions:
    """Greedy matching: the surest answer first, each to the free true face that it covers best.

    An answer that finds no free face is ignored where it covers an ignored one, however many do.

    Returns:
        (n,) for each answer the position of the face that it hit, or `MISTAKE` or `IGNORED`.
    """
    truth, answers = len(picture.truth), len(picture.xyxy)
    ignored = np.zeros(truth, np.bool_) if picture.ignored is None else picture.ignored
    overlap = iou(picture.xyxy, picture.truth) if truth else np.zeros((answers, 0), np.float32)
    on_ignored = (overlap[:, ignored] >= min_iou).any(axis=1)
    result = np.where(on_ignored, IGNORED, MISTAKE).astype(np.int64)
    free = np.where(ignored, np.float32(-1), overlap)
    # Most answers of a low score cover no face at all: only the others need their turn.
    able = np.flatnonzero((free >= min_iou).any(axis=1))
    for i in able[np.argsort(-picture.score[able], kind="stable")]:
        best = int(free[i].argmax())
        if free[i, best] >= min_iou:
            result[i] = best
            free[:, best] = -1
    return result


def curve(pictures: Sequence[Picture], *, min_iou: float = MIN_IOU) -> Curve:
    """Precision and recall of a detector on these pictures, over all its scores."""
    faces, scores, outcomes = 0, [np.zeros(0)], [np.zeros(0, np.int64)]
    for picture in pictures:
        ignored = 0 if picture.ignored is None else int(picture.ignored.sum())
        faces += len(picture.truth) - ignored
        scores.append(np.asarray(picture.score, np.float64))
        outcomes.append(match(picture, min_iou=min_iou))
    score, outcome = np.concatenate(scores), np.concatenate(outcomes)
    score, outcome = score[outcome != IGNORED], outcome[outcome != IGNORED]
    order = np.argsort(-score, kind="stable")
    score, hit = score[order], outcome[order] != MISTAKE
    rows = np.flatnonzero(np.diff(score, append=-np.inf))
    return Curve(score[rows], np.cumsum(hit)[rows], np.cumsum(~hit)[rows], faces, len(pictures))


def average_precision(pictures: Sequence[Picture], *, min_iou: float = MIN_IOU) -> float:
    """The area under the precision-recall curve, AP@0.5 unless another overlap is asked for."""
    return curve(pictures, min_iou=min_iou).average_precision()


def _share(part: Positions, whole: Positions, *, empty: float) -> F64:
    return np.divide(part, whole, out=np.full(len(part), empty), where=whole > 0)
