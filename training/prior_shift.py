"""Prior shift: how much of the training set's class frequencies an answer should repeat.

A network that learns from a set in which a third of the faces are neutral calls too many faces of
other sources neutral. Dividing its probabilities by share^power corrects this: power 0 changes
nothing, 1 assumes that all classes are equally likely. Logit adjustment,
https://arxiv.org/abs/2007.07314.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from realtime.core.faces import F32
from training.evaluate import Labels, confusion, macro_f1

POWERS = tuple(round(0.05 * i, 2) for i in range(21))  # 0 to 1
MIN_SHARE = 1e-3  # of a class that a trial run may not contain at all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PriorShift:
    """A correction of a network's logits.

    Attributes:
        share: (k,) share of each class in training, sums to one.
        power: how much of it is divided out, 0 to 1.
    """

    share: F32
    power: float

    def offset(self) -> F32:
        """What to add to the logits (k,)."""
        log_share = np.log(np.maximum(self.share, MIN_SHARE), dtype=np.float32)
        offset: F32 = np.multiply(log_share, -self.power, dtype=np.float32)
        offset -= offset.mean()
        return offset

    def __call__(self, prob: F32) -> F32:
        """Corrected probabilities (n, k)."""
        raised = prob * np.exp(self.offset())
        result: F32 = (raised / raised.sum(axis=1, keepdims=True)).astype(np.float32)
        return result


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prior:
    """The class frequencies that a network learned from.

    Attributes:
        share: (k,) share of each class in training, sums to one.
        power: strength of the shift; None to choose it on validation faces.
    """

    share: F32
    power: float | None = None

    def shift_for(self, prob: F32, truth: Labels, source: Labels | None = None) -> PriorShift:
        """The shift of the given strength, or that with the highest mean macro-F1 of all sources.

        Macro-F1 weighs rare classes like frequent ones, but also counts the frequent faces that a
        strong shift takes for rare ones. Choose on validation faces, never on test faces.

        Args:
            prob: (n, k) uncorrected probabilities.
            truth: (n,) true classes.
            source: (n,) number of the source of each face; None if there is only one.

        Returns:
            The weakest shift among the best.
        """
        if self.power is not None:
            return PriorShift(share=self.share, power=self.power)
        parts = [truth >= 0] if source is None else [source == i for i in np.unique(source)]

        def score(shift: PriorShift) -> float:
            predicted = shift(prob).argmax(axis=1)
            pairs = [(truth[part], predicted[part]) for part in parts]
            return float(np.mean([macro_f1(confusion(*pair, len(self.share))) for pair in pairs]))

        return max((PriorShift(share=self.share, power=p) for p in POWERS), key=score)
