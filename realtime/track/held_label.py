"""The label that is shown of a followed face: it changes only on evidence over some time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from realtime.core.answers import Answers

HOLD_S = 0.5  # how long a label stays when another one is on top; shorter changes are flicker
DOUBT_S = 1.0  # ... and when none is on top; mostly a face on the way from one to the next
UNSURE = -1  # stands for the label "unsure" among the columns of the others


class HeldLabel:
    """Holds one attribute's label of one face.

    A label that has not been on top for `HOLD_S` gives way to the one that is on top then, and one
    that has not been on top for `DOUBT_S` gives way to doubt. On the way from one label to another
    the probabilities pass through doubt: as that is shorter, it is not shown.

    Attributes:
        doubt: the last doubt that was not 0: the reason while the label is `UNSURE`.
    """

    def __init__(self) -> None:
        self.doubt = 0
        self._shown: int | None = None
        self._on_top_s = 0.0  # when the shown label was last on top

    def update(self, top: int, now_s: float, *, may_be_unsure: bool = True) -> int:
        """The label to show at `now_s`.

        Args:
            top: the column of the label that is on top, or `UNSURE`.
            now_s: time of the frame.
            may_be_unsure: whether answers are doubted; if not, `UNSURE` gives way at once.
        """
        switched_off = self._shown == UNSURE and not may_be_unsure
        hold_s = DOUBT_S if top == UNSURE else HOLD_S
        if self._shown is None or switched_off or now_s - self._on_top_s >= hold_s:
            self._shown = top
        if top == self._shown:
            self._on_top_s = now_s
        return self._shown


def hold(labels: Sequence[HeldLabel], answers: Answers, now_s: float) -> Answers:
    """The answers about n faces with the labels to show; the probabilities stay.

    Args:
        labels: each face's, updated.
        answers: with the doubts of this frame alone.
        now_s: time of the frame.
    """
    top, doubt = answers.prob.argmax(axis=1), answers.doubt
    known = ~np.isnan(answers.prob[:, 0])
    own = [0] * len(top) if doubt is None else doubt.tolist()
    shown, held_doubt = top.copy(), np.zeros(len(top), np.uint8)
    for i in np.flatnonzero(known).tolist():
        held = labels[i]
        held.doubt = own[i] or held.doubt
        on_top = UNSURE if own[i] else int(top[i])
        label = held.update(on_top, now_s, may_be_unsure=doubt is not None)
        if label == UNSURE:
            held_doubt[i] = held.doubt
        else:
            shown[i] = label
    return Answers(answers.labels, answers.prob, None if doubt is None else held_doubt, shown)
