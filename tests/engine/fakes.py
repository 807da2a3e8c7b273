"""A machine whose time the test sets, and streams on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from realtime.engine.engine import Engine, Seat

PERIOD_S = 1 / 30


@dataclass(slots=True)
class Machine:
    """Clocks that an engine can read.

    Attributes:
        now_s: wall time.
        cpu_s: CPU time of the process; the only thread's as well.
    """

    now_s: float = 0.0
    cpu_s: float = 0.0

    def engine(self, cores: float = 2) -> Engine:
        """An engine on this machine."""
        return Engine(
            cores,
            clock=lambda: self.now_s,
            process_cpu=lambda: self.cpu_s,
            thread_cpu=lambda: self.cpu_s,
        )

    def seats(self, engine: Engine, count: int) -> list[Seat]:
        """Streams that have joined."""
        seats = [engine.seat() for _ in range(count)]
        for seat in seats:
            seat.join()
        return seats

    def play(
        self,
        seats: Sequence[Seat],
        costs_s: Sequence[float],
        seconds: float,
        *,
        picture_s: float = 0.0,
        delay_s: float = 0.005,
    ) -> list[int]:
        """Let every stream's camera send 30 frames a second; count each stream's analyses.

        Args:
            seats: the streams.
            costs_s: CPU time of an analysis of each stream.
            seconds: how long.
            picture_s: CPU time of a picture.
            delay_s: from a frame's arrival to its picture.
        """
        counts = [0] * len(seats)
        for _ in range(round(seconds / PERIOD_S)):
            for i, seat in enumerate(seats):
                if seat.frame_due():
                    with seat.turn():
                        self.cpu_s += costs_s[i]
                    counts[i] += 1
                self.cpu_s += picture_s
                seat.picture_ready(delay_s)
                self.now_s += PERIOD_S / len(seats)
        return counts
