"""When the frames of one stream are analysed: all of them, or some at even intervals."""

from __future__ import annotations

import math

# Before anything is measured: two faces on one core of a small server.
EXPECTED_COST_S = 0.01
EXPECTED_HZ = 30.0
AVERAGED = 0.1  # share of the newest analysis in the running average of the cost
MAX_INTERVAL_S = 0.5  # results over a second old are not drawn, and an analysis may wait its turn


class Pace:
    """The pace of one stream's analyses; time is an argument.

    Attributes:
        cost_s: CPU time of one analysis, a running average.
        frames_hz: frames per second that arrive.
        interval_s: mean time from one analysis to the next; 0: every frame is analysed.
    """

    def __init__(self) -> None:
        self.cost_s = EXPECTED_COST_S
        self.frames_hz = EXPECTED_HZ
        self.interval_s = 0.0
        self._due_s = -math.inf
        self._arrived = 0

    @property
    def demand(self) -> float:
        """The cores that it takes to analyse every frame."""
        return self.cost_s * self.frames_hz

    def frame_due(self, now_s: float) -> bool:
        """Whether the frame that arrives now should be analysed."""
        self._arrived += 1
        if now_s < self._due_s:
            return False
        # From the time due, not from now: frames arrive in steps of 33 ms.
        self._due_s = max(self._due_s, now_s - self.interval_s) + self.interval_s
        return True

    def analysed(self, cpu_s: float) -> None:
        """Record what an analysis cost."""
        self.cost_s += AVERAGED * (cpu_s - self.cost_s)

    def update(self, elapsed_s: float) -> None:
        """Measure the rate of the frames that have arrived since the last call."""
        self.frames_hz += 0.5 * (self._arrived / elapsed_s - self.frames_hz)
        self._arrived = 0

    def set_share(self, cores: float, now_s: float) -> None:
        """Space the analyses so that they take no more than this share of the CPU.

        The interval stays below `MAX_INTERVAL_S` even so: what is drawn must not be older.
        """
        met = cores >= self.demand
        self.interval_s = 0.0 if met else min(MAX_INTERVAL_S, self.cost_s / max(cores, 1e-9))
        self._due_s = min(self._due_s, now_s + self.interval_s)
