"""What viewers lose when the machine is full, and in which order."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from realtime.core.settings import DrawSettings

MIN_ANALYSES_HZ = 5.0  # per stream; below it, boxes trail behind faces that move
RESTORE_HZ = 1.6 * MIN_ANALYSES_HZ  # what a step down gains must not lead straight back up
SETTLE_S = 2.0  # from one step down to the next: its effect has to be measured first
RESTORE_S = 5.0  # of enough analyses before a step back up


class Load(IntEnum):
    """How much the streams are degraded; each step includes those before."""

    NORMAL = 0
    FEWER_ANALYSES = 1
    LESS_DETAIL = 2
    HALF_THE_PICTURES = 3
    A_THIRD_OF_THE_PICTURES = 4

    def drawn(self, wanted: DrawSettings) -> DrawSettings:
        """What is drawn of what the viewer wants: no landmarks from `LESS_DETAIL` on."""
        if self < Load.LESS_DETAIL or not wanted.landmarks:
            return wanted
        return replace(wanted, landmarks=False)

    @property
    def picture_every(self) -> int:
        """Of how many camera frames one is shown."""
        return max(1, self - Load.LESS_DETAIL + 1)


class Degradation:
    """Goes down and up the steps by the rate of analyses that is left for a stream.

    Attributes:
        load: the current step.
    """

    def __init__(self) -> None:
        self.load = Load.NORMAL
        self._since_s = 0.0  # time for which the rate has called for the same change

    def update(self, elapsed_s: float, analyses_hz: float, frames_hz: float) -> None:
        """Choose the step.

        Args:
            elapsed_s: time since the last call.
            analyses_hz: analyses per second that the budget allows a stream.
            frames_hz: frames per second that a stream's camera sends.
        """
        floor = Load.NORMAL if analyses_hz >= frames_hz else Load.FEWER_ANALYSES
        if self.load <= Load.FEWER_ANALYSES:
            self.load = floor  # a consequence of the budget, not a decision
        down = analyses_hz < MIN_ANALYSES_HZ and self.load < max(Load)
        up = analyses_hz > RESTORE_HZ and self.load > floor
        self._since_s = self._since_s + elapsed_s if down or up else 0.0
        if self._since_s >= (SETTLE_S if down else RESTORE_S):
            self.load, self._since_s = Load(self.load + (1 if down else -1)), 0.0
