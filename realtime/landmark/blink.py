"""Counting the blinks of one followed face, from the openness of its eyes."""

from __future__ import annotations

import math

DEFAULT_OPENNESS = 0.3  # eye aspect ratio of an open eye, until one is seen
FALL, RISE = 0.18, 0.18  # how far closing eyes fall and rise again, over their typical openness
FORGET_S = 2.0  # time constant of the typical openness
MAX_BLINK_S = 1.5  # eyes that stay closed longer did not blink


class BlinkCounter:
    """Counts how often both eyes close and open again; time is an argument.

    What counts is how far the openness falls and rises again, not a fixed threshold: narrow eyes,
    glasses and a face that looks down change it as much as a lid does. A blink is counted when the
    eyes open again, and none if they stay closed.
    """

    def __init__(self) -> None:
        self.count = 0
        self._typical = DEFAULT_OPENNESS
        self._peak = -math.inf  # maximum openness since the eyes last opened
        self._valley = math.inf  # minimum openness since they last closed
        self._closed_s: float | None = None  # when they closed
        self._time_s: float | None = None

    @property
    def closed(self) -> bool:
        """Whether the eyes are closed now."""
        return self._closed_s is not None

    def update(self, openness: float, now_s: float) -> int:
        """Add the openness at `now_s`, the mean of both eyes, and return the count so far."""
        if not math.isfinite(openness):
            return self.count
        step_s = 0.0 if self._time_s is None else max(0.0, now_s - self._time_s)
        self._time_s = now_s
        if self._closed_s is None:
            self._open(openness, step_s, now_s)
        else:
            self._wait(openness, now_s)
        return self.count

    def _open(self, openness: float, step_s: float, now_s: float) -> None:
        """While the eyes are open: learn their typical openness, and watch for a fall."""
        keep = math.exp(-step_s / FORGET_S)
        self._typical = keep * self._typical + (1 - keep) * openness
        # The peak decays, so that slowly narrowing eyes do not count as closing.
        self._peak = max(openness, openness + keep**2 * (self._peak - openness))
        if openness < self._peak - FALL * self._typical:
            self._closed_s, self._valley = now_s, openness

    def _wait(self, openness: float, now_s: float) -> None:
        """While the eyes are closed: wait for a rise."""
        assert self._closed_s is not None
        self._valley = min(self._valley, openness)
        opened = openness > self._valley + RISE * self._typical
        too_long = now_s - self._closed_s > MAX_BLINK_S
        if opened and not too_long:
            self.count += 1
        if opened or too_long:
            self._closed_s, self._peak = None, openness
