"""Where a followed face will be: its box moves on at constant velocity."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from realtime.core.arrays import F32

SMOOTHING_S = 0.2  # time constant of the velocity: a mouth that opens moves the box, too
SIZE_JUMP = 1.25  # no face grows or shrinks by this much from one frame to the next
SHRUNK_S = 0.25  # how long a box of such a size is distrusted
COAST_S = 1.5  # and one that another face overlaps
FULL_SIZE = 0.97  # share of its recent size from which a face beside another is seen whole
FORGET_S = 2.0  # after so long a face has any velocity


class Motion:
    """The last box of a face that can be trusted, and its velocity.

    Where one face hides another, the networks may slide from the one behind to the one in front, or
    shrink to what is left of it. The box is not to be trusted then: the motion from before goes on.

    Attributes:
        box: (4,) xyxy in pixels, the last that was trusted.
    """

    def __init__(self) -> None:
        self.box: F32 = np.zeros(4, np.float32)
        # Numbers of Python: for so few, NumPy takes many times longer.
        self._place = _Place(0.0, 0.0, 0.0)
        self._velocity = (0.0, 0.0)  # pixels per second
        self._time_s = -math.inf
        self._recent_side = 0.0  # the largest of late, in pixels
        self._known = 0.0  # what share of the velocity's window has been seen

    def update(self, box: F32, now_s: float, *, trusted: bool = True, beside: bool = False) -> None:
        """Add the box (4,) measured at `now_s`.

        Args:
            box: in pixels.
            now_s: time of the frame.
            trusted: whether no other face overlaps it. A box that is not trusted counts only after
                `COAST_S`, one of quite another size after `SHRUNK_S`.
            beside: whether another head is so near that it may hide a part of this face. Then a
                box that has shrunk is not trusted.
        """
        step_s, last, place = now_s - self._time_s, self._place, _place(box)
        small, large = sorted((last.side, place.side))
        jumped = large > SIZE_JUMP * small
        trusted = trusted and not (beside and place.side < FULL_SIZE * self._recent_side)
        if step_s <= (0 if trusted else COAST_S) or (jumped and step_s <= SHRUNK_S):
            return
        if step_s < FORGET_S:
            alpha, (vx, vy) = 1 - math.exp(-step_s / SMOOTHING_S), self._velocity
            # Of the time since it began, not of a time before in which it stood still.
            self._known += alpha * (1 - self._known)
            alpha /= self._known
            self._velocity = (
                vx + alpha * ((place.x - last.x) / step_s - vx),
                vy + alpha * ((place.y - last.y) / step_s - vy),
            )
        self._recent_side = max(place.side, self._recent_side * math.exp(-step_s / FORGET_S))
        self.box, self._place, self._time_s = box, place, now_s

    def box_at(self, now_s: float) -> F32:
        """The box (4,) expected at `now_s`; before the first update, an empty one."""
        return self.moved(self.box, now_s - self._time_s) if self._place.side else self.box

    def moved(self, box: F32, after_s: float) -> F32:
        """Another box (4,) of this face, moved on by so many seconds."""
        x, y = self.shift(after_s)
        return box + np.array([x, y, x, y], np.float32)

    def shift(self, after_s: float) -> tuple[float, float]:
        """How far it moves in so many seconds, in pixels to the right and down."""
        vx, vy = self._velocity
        return vx * after_s, vy * after_s


class _Place(NamedTuple):
    """Centre of a box and side of the square with its area, in pixels."""

    x: float
    y: float
    side: float


def _place(box: F32) -> _Place:
    left, top, right, bottom = box.tolist()
    area = max(right - left, 0) * max(bottom - top, 0)
    return _Place((left + right) / 2, (top + bottom) / 2, math.sqrt(area))
