"""Where a followed face will be: its box moves on at constant velocity."""

from __future__ import annotations

import math

import numpy as np

from realtime.core.arrays import F32
from realtime.core.geometry import square_sides

SMOOTHING_S = 0.2  # time constant of the velocity: a mouth that opens moves the box, too
SIZE_JUMP = 1.25  # no face grows or shrinks by this much from one frame to the next
SHRUNK_S = 0.25  # how long a box of such a size is distrusted
COAST_S = 1.5  # and one that another face overlaps
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
        self._velocity: F32 = np.zeros(2, np.float32)  # pixels per second
        self._time_s = -math.inf

    def update(self, box: F32, now_s: float, *, trusted: bool = True) -> None:
        """Add the box (4,) measured at `now_s`.

        Args:
            box: in pixels.
            now_s: time of the frame.
            trusted: whether no other face overlaps it. A box that is not trusted counts only after
                `COAST_S`, one of quite another size after `SHRUNK_S`.
        """
        step_s = now_s - self._time_s
        coast_s = 0.0 if trusted else COAST_S
        if step_s <= coast_s or (step_s <= SHRUNK_S and not self._fits(box)):
            return
        if step_s < FORGET_S:
            speed = (box[:2] + box[2:] - self.box[:2] - self.box[2:]) / np.float32(2 * step_s)
            alpha = np.float32(1 - math.exp(-step_s / SMOOTHING_S))
            self._velocity = self._velocity + alpha * (speed - self._velocity)
        self.box, self._time_s = box, now_s

    def _fits(self, box: F32) -> bool:
        small, large = sorted(square_sides(np.stack([self.box, box])).tolist())
        return bool(large < SIZE_JUMP * small)

    def box_at(self, now_s: float) -> F32:
        """The box (4,) expected at `now_s`; before the first update, an empty one."""
        return self.moved(self.box, now_s - self._time_s) if self.box.any() else self.box

    def moved(self, box: F32, after_s: float) -> F32:
        """Another box (4,) of this face, moved on by so many seconds."""
        return box + np.tile(self.shift(after_s), 2)

    def shift(self, after_s: float, *, limit_px: float = math.inf) -> F32:
        """How far (2,) it moves in so many seconds, at most `limit_px` in x and in y."""
        return np.clip(self._velocity * np.float32(after_s), -limit_px, limit_px)
