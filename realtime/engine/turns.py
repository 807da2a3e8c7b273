"""Turns: how many threads may analyse at once, first come, first served."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

STUCK_S = 5.0  # a network takes milliseconds; one that takes this long never returns


class Turns:
    """Hands out a fixed number of turns. Thread-safe.

    Args:
        slots: number of turns at the same time.
        clock: monotonic time in seconds.
    """

    def __init__(self, slots: int, clock: Callable[[], float]) -> None:
        self._free = slots
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._held: dict[object, float] = {}  # turn and its start

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn and hold it."""
        turn = self._acquire()
        try:
            yield
        finally:
            self._release(turn)

    def replace_stuck(self) -> int:
        """Hand out another turn for each that does not end; returns how many there were."""
        now_s = self._clock()
        with self._lock:
            stuck = [turn for turn, start_s in self._held.items() if now_s - start_s > STUCK_S]
        for turn in stuck:
            self._release(turn)
        return len(stuck)

    def _acquire(self) -> object:
        with self._lock:
            if self._free:
                self._free -= 1
                return self._hold()
            granted = threading.Event()
            self._waiting.append(granted)
        granted.wait()
        with self._lock:
            return self._hold()

    def _hold(self) -> object:
        turn = object()
        self._held[turn] = self._clock()
        return turn

    def _release(self, turn: object) -> None:
        with self._lock:
            if self._held.pop(turn, None) is None:
                return  # replaced because it was stuck
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1
