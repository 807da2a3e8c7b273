"""Requests for lost video packets, repeated until the packet arrives or is of no more use.

aiortc's own generator asks once, when it notices the gap. If the request or its answer is lost
too, the stream freezes until the sender starts anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc.rtcrtpreceiver import NackGenerator
from aiortc.rtp import RtpPacket
from aiortc.utils import uint16_add, uint16_gt

MAX_MISSING = 128  # packets asked for at once; browsers remember a second or two
MAX_AGE_S = 1.0  # later, only a new key frame helps
START_RETRY_S = 0.1
MIN_RETRY_S, MAX_RETRY_S = 0.03, 0.5
RTT_WEIGHT = 0.2  # of a new measurement
RETRY_RTTS = 1.5


@dataclass(slots=True)
class _Missing:
    noticed_s: float
    due_s: float


class RepeatedNack(NackGenerator):
    """Names the packets to ask for, each again after 1.5 round trips.

    Args:
        clock: monotonic time in seconds.

    Attributes:
        missing: sequence numbers to ask for now, at most `MAX_MISSING`.
        max_seq: the highest sequence number received; None before the first packet.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._missing: dict[int, _Missing] = {}
        self._retry_s = START_RETRY_S

    def add(self, packet: RtpPacket) -> bool:
        """Note a received packet; returns whether there are packets to ask for."""
        now_s, seq = self._clock(), packet.sequence_number
        if self.max_seq is None:
            self.max_seq = seq
        elif uint16_gt(seq, self.max_seq):
            if uint16_add(seq, -self.max_seq) > MAX_MISSING:
                self._missing.clear()  # too many to ask for: only a key frame helps
            else:
                lost = uint16_add(self.max_seq, 1)
                while lost != seq:
                    self._missing[lost] = _Missing(now_s, now_s)
                    lost = uint16_add(lost, 1)
            self.max_seq = seq
        elif seq in self._missing:
            self._learn_round_trip(now_s - self._missing.pop(seq).noticed_s)
        self.missing = self._due(now_s)
        return bool(self.missing)

    def _learn_round_trip(self, rtt_s: float) -> None:
        wanted_s = RETRY_RTTS * rtt_s
        retry_s = self._retry_s + RTT_WEIGHT * (wanted_s - self._retry_s)
        self._retry_s = min(max(retry_s, MIN_RETRY_S), MAX_RETRY_S)

    def _due(self, now_s: float) -> set[int]:
        self._missing = {
            seq: entry
            for seq, entry in self._missing.items()
            if now_s - entry.noticed_s < MAX_AGE_S
        }
        due = {seq for seq, entry in self._missing.items() if entry.due_s <= now_s}
        due = set(sorted(due, key=lambda seq: self._missing[seq].noticed_s)[:MAX_MISSING])
        for seq in due:
            self._missing[seq].due_s = now_s + self._retry_s
        return due
