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

    def __post_init__(self) -> None:
        check_array("prob", self.prob, np.float32, (None, len(self.labels)))
        if self.doubt is not None:
            check_array("doubt", self.doubt, np.uint8, (len(self.prob),))

    def __len__(self) -> int:
        return len(self.prob)

    def __getitem__(self, index: NDArray[Any] | slice | Sequence[int]) -> Answers:
        """The answers about the faces that `index` selects."""
        doubt = None if self.doubt is None else self.doubt[index]
        return Answers(self.labels, self.prob[index], doubt)

    @property
    def sure(self) -> NDArray[np.bool_]:
        """(n,) whether each answer can be trusted."""
        return np.ones(len(self), np.bool_) if self.doubt is None else self.doubt == 0

    def label(self, i: int) -> tuple[str, float] | None:
        """Face i's label or `UNSURE`, and the top probability; None where not known yet."""
        prob = self.prob[i]
        if np.isnan(prob).any():
            return None
        best = int(prob.argmax())
        sure = self.doubt is None or self.doubt[i] == 0
        return self.labels[best] if sure else UNSURE, float(prob[best])

    def doubts(self, i: int) -> list[Doubt]:
        """Why face i's answer is unsure; empty where it is sure."""
        return [] if self.doubt is None else list(Doubt(int(self.doubt[i])))
