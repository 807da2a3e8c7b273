"""Counting the blinks of one followed face, from how far its eyes are open."""

from __future__ import annotations

import math

USUAL = 0.3  # eye aspect ratio of an open eye, before any was seen
FALL, RISE = 0.18, 0.18  # parts of the usual opening: so far closing eyes fall, and rise again
FORGET_S = 2.0  # how fast the usual opening follows eyes that are open less or more
LONGEST_S = 1.5  # eyes that stay down longer were not closed for a blink


class BlinkCounter:
    """Counts how often both eyes close and open again; time is an argument.

    What counts is how far the opening falls and rises again, not a fixed threshold: narrow eyes,
    glasses and a face that looks down change the opening as much as a lid does. A blink is counted
    when the eyes open again, and none where they stay shut.
    """

    def __init__(self) -> None:
        self.count = 0
        self._usual = USUAL
        self._peak = -math.inf  # greatest opening since the eyes last opened
        self._valley = math.inf  # least opening since they last closed
        self._closed_s: float | None = None  # since when they are closed
        self._time_s: float | None = None

    @property
    def closed(self) -> bool:
        """Whether the eyes are closed now."""
        return self._closed_s is not None

    def update(self, openness: float, now_s: float) -> int:
        """Take in the opening at `now_s`, the mean of both eyes, and give the count so far."""
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
        """While the eyes are open: learn how wide they usually are, and watch for their fall."""
        keep = math.exp(-step_s / FORGET_S)
        self._usual = keep * self._usual + (1 - keep) * openness
        # A peak fades towards now, so that eyes which slowly narrow do not count as closing.
        self._peak = max(openness, openness + keep**2 * (self._peak - openness))
        if openness < self._peak - FALL * self._usual:
            self._closed_s, self._valley = now_s, openness

    def _wait(self, openness: float, now_s: float) -> None:
        """While they are closed: wait for them to rise."""
        assert self._closed_s is not None
        self._valley = min(self._valley, openness)
        opened = openness > self._valley + RISE * self._usual
        too_long = now_s - self._closed_s > LONGEST_S
        if opened and not too_long:
            self.count += 1
        if opened or too_long:
            self._closed_s, self._peak = None, openness
