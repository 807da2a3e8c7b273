"""Filters against jitter from frame to frame; time is an argument."""

from __future__ import annotations

import math

import numpy as np

from realtime.core.arrays import F32
from realtime.track.held_label import HeldLabel


class OneEuroFilter:
    """Smooths points: strongly at rest, hardly in motion.

    1€ Filter, https://gery.casiez.net/1euro/. Speeds are measured in face sizes per second, so
    that near and far faces are smoothed equally.

    Args:
        min_cutoff_hz: cut-off of the low-pass at rest; lower is smoother.
        beta: how many Hz the cut-off rises per face size per second; higher lags less.
        speed_cutoff_hz: cut-off of the low-pass on the speed itself.
    """

    def __init__(
        self, min_cutoff_hz: float = 2.0, beta: float = 20.0, speed_cutoff_hz: float = 2.0
    ) -> None:
        self._min_cutoff_hz = min_cutoff_hz
        self._beta = beta
        self._speed_cutoff_hz = speed_cutoff_hz
        self._value: F32 | None = None
        self._speed: F32 | None = None
        self._time_s = 0.0

    def __call__(self, value: F32, now_s: float, *, size_px: float) -> F32:
        """The smoothed value at `now_s`; a time that does not advance returns the last one."""
        if self._value is None or self._speed is None:
            self._value, self._speed, self._time_s = value, np.zeros_like(value), now_s
            return value
        step_s = now_s - self._time_s
        if step_s <= 0:
            return self._value
        self._time_s = now_s
        speed = (value - self._value) / np.float32(step_s * max(size_px, 1.0))
        self._speed = self._speed + _alpha(self._speed_cutoff_hz, step_s) * (speed - self._speed)
        cutoff_hz = self._min_cutoff_hz + self._beta * np.abs(self._speed)
        alpha = 1 - np.exp(-2 * np.pi * cutoff_hz * step_s)
        self._value = (self._value + alpha * (value - self._value)).astype(np.float32)
        return self._value


class TimeAverage:
    """Averages arrays over time with exponential forgetting.

    Args:
        time_constant_s: how long until a value has lost 63 % of its weight.
    """

    def __init__(self, time_constant_s: float) -> None:
        self._time_constant_s = time_constant_s
        self._value: F32 | None = None
        self.updated_s = -math.inf

    @property
    def value(self) -> F32 | None:
        """The current average (of probabilities, again probabilities); None before the first."""
        return self._value

    def update(self, value: F32, now_s: float) -> None:
        """Add the value at `now_s`."""
        if self._value is None:
            self._value = value
        else:
            alpha = 1 - math.exp(-max(now_s - self.updated_s, 0) / self._time_constant_s)
            self._value = (self._value + alpha * (value - self._value)).astype(np.float32)
        self.updated_s = now_s


class SmoothedScores:
    """One classifier's probabilities for one followed face, averaged over time.

    Args:
        time_constant_s: as `TimeAverage` takes it.

    Attributes:
        doubt: why it was unsure in the last frame, bits of `realtime.core.answers.Doubt`.
        label: the one that is shown.
    """

    def __init__(self, time_constant_s: float) -> None:
        self._prob = TimeAverage(time_constant_s)
        self._sharpness = TimeAverage(time_constant_s)
        self.doubt = 0
        self.label = HeldLabel()

    @property
    def updated_s(self) -> float:
        """When the classifier last ran; -inf before the first time."""
        return self._prob.updated_s

    @property
    def prob(self) -> F32 | None:
        """(k,) probabilities; None before the first."""
        return self._prob.value

    @property
    def sharpness(self) -> float:
        """Average sharpness of its crops; NaN before the first."""
        value = self._sharpness.value
        return math.nan if value is None else float(value[0])

    def update(self, prob: F32, sharpness: float, now_s: float) -> None:
        """Add the classifier's output for the frame at `now_s`."""
        self._prob.update(prob, now_s)
        self._sharpness.update(np.array([sharpness], np.float32), now_s)


def _alpha(cutoff_hz: float, step_s: float) -> float:
    return 1 - math.exp(-2 * math.pi * cutoff_hz * step_s)
