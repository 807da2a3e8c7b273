"""How much video to send: a bit rate that changes seldom, and a budget that is kept at once.

Browsers report the bit rate that reaches them (REMB). An encoder needs a key frame for each change
of its bit rate, and key frames are what a slow network can carry least. The encoder therefore
follows in steps (`SteadyBitrate`), while frames are skipped as soon as more was sent than the
network takes (`SendBudget`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

MIN_BPS = 150_000  # sent however little the browser reports: jitter looks like congestion to it
DECREASE = 0.9  # follow a target below this part of the current bit rate at once
INCREASE = 1.3  # and one above this part ...
INCREASE_AFTER_S = 2.0  # ... so long after the last change
OVERSHOOT = 1.2  # of the target, allowed to key frames and retransmissions
MAX_BACKLOG_S = 0.1  # time that the network needs for what was sent, before frames are skipped
MAX_RETRANSMIT_BACKLOG_S = 0.3
MAX_HOLD_S = 1.0  # however large a frame was
PACKET_OVERHEAD = 60  # bytes: IP, UDP, RTP with extensions, SRTP


@dataclass(frozen=True, slots=True, kw_only=True)
class BitrateLimits:
    """Bit rates of one codec, in bits per second.

    Attributes:
        min_bps: The least that is sent, whatever the browser reports.
        start_bps: Before the browser's first report.
        max_bps: The most that is sent.
    """

    min_bps: int = MIN_BPS
    start_bps: int = 500_000
    max_bps: int = 1_500_000


class SteadyBitrate:
    """Follows a target bit rate in steps.

    Args:
        limits: Bounds of the bit rate.
        clock: Monotonic time in seconds.

    Attributes:
        bps: The bit rate to encode with.
    """

    def __init__(self, limits: BitrateLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._changed_s = clock()
        self.bps = limits.start_bps

    def follow(self, target_bps: int) -> None:
        """Note the bit rate that the browser can receive."""
        target_bps = max(self._limits.min_bps, min(target_bps, self._limits.max_bps))
        now_s = self._clock()
        highest = target_bps == self._limits.max_bps
        enough = target_bps > self.bps * INCREASE or (highest and target_bps > self.bps)
        waited = now_s - self._changed_s >= INCREASE_AFTER_S
        if target_bps < self.bps * DECREASE or (enough and waited):
            self.bps, self._changed_s = target_bps, now_s


class SendBudget:
    """Counts what was sent against what the network takes.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._bps: float | None = None  # unlimited until the browser's first report
        self._free_s = 0.0  # when the network has taken all that was sent

    def set_target(self, target_bps: int) -> None:
        """Note the bit rate that the browser can receive."""
        self._bps = max(target_bps, MIN_BPS) * OVERSHOOT

    def spend(self, size: int, packets: int = 1) -> None:
        """Note that packets with `size` bytes of content were sent."""
        if self._bps is not None:
            bits = 8 * (size + packets * PACKET_OVERHEAD)
            now_s = self._clock()
            free_s = max(self._free_s, now_s) + bits / self._bps
            self._free_s = min(free_s, now_s + MAX_HOLD_S)

    @property
    def may_send(self) -> bool:
        """Whether the network can take another frame."""
        return self._free_s - self._clock() < MAX_BACKLOG_S

    @property
    def may_retransmit(self) -> bool:
        """Whether the network can take another copy of a lost packet."""
        return self._free_s - self._clock() < MAX_RETRANSMIT_BACKLOG_S
