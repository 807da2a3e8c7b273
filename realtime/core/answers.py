"""What is said of one attribute of each face: probabilities, and the doubts about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import F32, check_array

UNSURE = "unsure"  # may stand in place of a label, never among the probabilities


class Doubt(IntFlag):
    """Why an answer is unsure; several may hold at once, none is 0."""

    SMALL = 1
    BLURRED = 2
    TURNED = 4
    CLOSE = 8  # the top probability is too low


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What is said of one attribute of n faces.

    Attributes:
        labels: what the columns of `prob` stand for.
        prob: (n, len(labels)) float32 probabilities; a row of NaN is not known yet.
        doubt: (n,) uint8, the `Doubt`s about each answer, 0 where it is sure; None where that was
            not judged and all answers count as sure.
        shown: (n,) int64, the column of each face's label: in a stream it changes later than the
            probabilities, so that it does not flicker; None where that is the most probable one.

    Raises:
        ValueError: the shapes do not fit; the message names both.

    Example:
        >>> answers = Answers(("no", "yes"), np.array([[0.1, 0.9]], np.float32))
        >>> answers.label(0)
        ('yes', 0.8999999761581421)
    """

    labels: tuple[str, ...]
    prob: F32
    doubt: NDArray[np.uint8] | None = None
    shown: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        check_array("prob", self.prob, np.float32, (None, len(self.labels)))
        if self.doubt is not None:
            check_array("doubt", self.doubt, np.uint8, (len(self.prob),))
        if self.shown is not None:
            check_array("shown", self.shown, np.int64, (len(self.prob),))

    def __len__(self) -> int:
        return len(self.prob)

    def __getitem__(self, index: NDArray[Any] | slice | Sequence[int]) -> Answers:
        """The answers about the faces that `index` selects."""
        doubt = None if self.doubt is None else self.doubt[index]
        shown = None if self.shown is None else self.shown[index]
        return Answers(self.labels, self.prob[index], doubt, shown)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n,) whether each answer can be trusted."""
        return np.ones(len(self), np.bool_) if self.doubt is None else self.doubt == 0

    @property
    def column(self) -> NDArray[np.int64]:
        """(n,) the column of each face's label, sure or not; -1 where not known yet."""
        known = ~np.isnan(self.prob).any(axis=1)
        best = np.nan_to_num(self.prob).argmax(axis=1) if self.shown is None else self.shown
        return np.where(known, best, -1)

    def label(self, i: int) -> tuple[str, float] | None:
        """Face i's label or `UNSURE`, and its probability; None where not known yet."""
        prob = self.prob[i]
        if np.isnan(prob).any():
            return None
        best = int(prob.argmax() if self.shown is None else self.shown[i])
        sure = self.doubt is None or self.doubt[i] == 0
        return self.labels[best] if sure else UNSURE, float(prob[best])

    def doubts(self, i: int) -> list[Doubt]:
        """Why face i's answer is unsure; empty where it is sure."""
        return [] if self.doubt is None else list(Doubt(int(self.doubt[i])))
