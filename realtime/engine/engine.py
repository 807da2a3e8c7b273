"""One engine for all live streams of the process: who may analyse, and how often.

Pictures come first. The analyses share the CPU that these leave, evenly: when it is too little for
every frame of every stream, each stream's analyses are spaced, and its pictures in between show the
latest result.

Each stream has a lane, of which there is one per core. In a lane, one analysis runs at a time: it
stands for a worker process, see `realtime.live.worker_pool`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from realtime.engine.budget import CpuBudget, usable_cores
from realtime.engine.degradation import Degradation, Load
from realtime.engine.pace import Pace
from realtime.engine.shares import fair_shares
from realtime.engine.turns import Turns

LOGGER = logging.getLogger(__name__)
UPDATE_S = 0.5  # from one division of the budget to the next
ADMIT_HZ = 8.0  # analyses per second that a new viewer must leave for each


class Engine:
    """Divides the CPU among streams. Thread-safe.

    Args:
        cores: cores that the process may use; None: all that it has.
        clock: monotonic time in seconds.
        process_cpu: seconds of CPU time that the process has used.
        thread_cpu: seconds of CPU time that the calling thread has used.
    """

    def __init__(
        self,
        cores: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        process_cpu: Callable[[], float] = time.process_time,
        thread_cpu: Callable[[], float] = time.thread_time,
    ) -> None:
        self.cores = usable_cores() if cores is None else cores
        self.lanes = max(1, round(self.cores))
        self._clock, self._process_cpu, self._thread_cpu = clock, process_cpu, thread_cpu
        self._turns = [Turns(1, clock) for _ in range(self.lanes)]
        self._lock = threading.Lock()
        self._seats: list[Seat] = []
        self._budget = CpuBudget(self.cores)
        self._degradation = Degradation()
        self._updated_s, self._process_s = clock(), process_cpu()
        # CPU time of the analyses since the last update, and in other processes since the start.
        self._analyses_s = self._elsewhere_s = 0.0

    def seat(self) -> Seat:
        """A place for a stream, which has yet to join."""
        return Seat(self)

    @property
    def load(self) -> Load:
        """How much the streams are degraded."""
        return self._degradation.load

    def has_room(self, more: int) -> bool:
        """Whether so many further streams would leave `ADMIT_HZ` for each.

        One stream per lane is always admitted: what pages cost while they load, and the first
        frames, would keep out whom the machine carries easily.
        """
        with self._lock:
            count = len(self._seats)
            if count + more <= self.lanes:
                return True
            if count == 0:
                return False
            share = self._budget.cores_for(count + more) / (count + more)
            return share >= ADMIT_HZ * self._mean_cost_s()

    def _mean_cost_s(self) -> float:
        return sum(seat.pace.cost_s for seat in self._seats) / len(self._seats)

    def _join(self, seat: Seat) -> None:
        with self._lock:
            taken = Counter(other.lane for other in self._seats)
            seat.lane = min(range(self.lanes), key=lambda lane: taken[lane])
            self._seats.append(seat)

    def _leave(self, seat: Seat) -> None:
        with self._lock:
            if seat in self._seats:
                self._seats.remove(seat)
                self._level()

    def _level(self) -> None:
        """Move a stream from the fullest lane to the emptiest, if they differ by two or more."""
        taken = Counter({lane: 0 for lane in range(self.lanes)})
        taken.update(seat.lane for seat in self._seats)
        (full, most), (empty, fewest) = taken.most_common()[0], taken.most_common()[-1]
        if most - fewest > 1:
            next(seat for seat in reversed(self._seats) if seat.lane == full).lane = empty

    def _frame_due(self, seat: Seat) -> bool:
        now_s = self._clock()
        with self._lock:
            if now_s - self._updated_s >= UPDATE_S:
                self._update(now_s)
            return seat.pace.frame_due(now_s)

    def _update(self, now_s: float) -> None:
        """Measure the load and divide the budget anew."""
        elapsed_s = now_s - self._updated_s
        process_s = self._process_cpu() + self._elsewhere_s
        self._budget.update(
            elapsed_s, process_s - self._process_s, self._analyses_s, len(self._seats)
        )
        self._updated_s, self._process_s, self._analyses_s = now_s, process_s, 0.0
        paces = [seat.pace for seat in self._seats]
        for pace in paces:
            pace.update(elapsed_s)
        shares = fair_shares([pace.demand for pace in paces], self._budget.cores)
        for pace, share in zip(paces, shares, strict=True):
            pace.set_share(share, now_s)
        if shares:
            frames_hz = sum(pace.frames_hz for pace in paces) / len(paces)
            self._degradation.update(elapsed_s, max(shares) / self._mean_cost_s(), frames_hz)
        if stuck := sum(turns.replace_stuck() for turns in self._turns):
            LOGGER.error("%d analyses do not end; others take their turns", stuck)

    @contextmanager
    def _turn(self, seat: Seat) -> Iterator[Turn]:
        turn = Turn()
        with self._turns[seat.lane].turn():
            start_s = self._thread_cpu()
            try:
                yield turn
            finally:
                used_s = self._thread_cpu() - start_s + turn.elsewhere_s
                with self._lock:
                    self._analyses_s += used_s
                    self._elsewhere_s += turn.elsewhere_s
                    seat.pace.analysed(used_s)

    def _picture_ready(self, delay_s: float) -> None:
        with self._lock:
            self._budget.picture_ready(delay_s)


class Turn:
    """An analysis while it runs.

    Attributes:
        elsewhere_s: CPU time that it took in other processes.
    """

    def __init__(self) -> None:
        self.elsewhere_s = 0.0

    def used_elsewhere(self, cpu_s: float) -> None:
        """Count CPU time that another process took for the analysis."""
        self.elsewhere_s += cpu_s


class Seat:
    """One stream's place in the engine.

    Attributes:
        pace: when its frames are analysed.
        lane: where they are analysed, from 0; may change between two analyses.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.pace = Pace()
        self.lane = 0

    @property
    def paced(self) -> bool:
        """Whether only some of its frames are analysed."""
        return self.pace.interval_s > 0

    def join(self) -> None:
        """Take part in the division of the CPU."""
        self._engine._join(self)

    def frame_due(self) -> bool:
        """Whether the frame that arrives now should be analysed; call it for every frame."""
        return self._engine._frame_due(self)

    @property
    def load(self) -> Load:
        """How much this stream is degraded."""
        return max(Load.FEWER_ANALYSES, self._engine.load) if self.paced else Load.NORMAL

    def turn(self) -> AbstractContextManager[Turn]:
        """Wait for a turn to analyse one frame, and hold it."""
        return self._engine._turn(self)

    def picture_ready(self, delay_s: float) -> None:
        """Record how long after its frame's arrival a picture was ready."""
        self._engine._picture_ready(delay_s)

    def leave(self) -> None:
        """Give the place up. May be called repeatedly."""
        self._engine._leave(self)
