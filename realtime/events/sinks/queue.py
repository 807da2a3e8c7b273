"""A bounded queue that never makes its writer wait, and a thread that empties it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from realtime.core.threads import lower_priority, name_thread

T = TypeVar("T")
CAPACITY = 1000
LAST_S = 0.2  # for a delivery that is told to stop


class DroppingQueue(Generic[T]):
    """Holds the newest items; for any threads.

    Args:
        dropped: called for each item that is lost because the queue is full.
        capacity: maximum number of items.
    """

    def __init__(self, dropped: Callable[[], None], capacity: int = CAPACITY) -> None:
        self._items = deque[T]()
        self._capacity = capacity
        self._dropped = dropped
        self._changed = threading.Condition()
        self._closed = False

    def put(self, item: T) -> None:
        """Add an item; if the queue is full, the oldest one is lost."""
        with self._changed:
            if self._closed:
                return
            self._items.append(item)
            full = len(self._items) > self._capacity
            if full:
                self._items.popleft()
            self._changed.notify()
        if full:
            self._dropped()

    def get(self) -> T | None:
        """Wait for the oldest item and take it; None once the queue is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed)
            return self._items.popleft() if self._items else None

    def close(self) -> None:
        """Take no more items; those that are there can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def clear(self) -> int:
        """Discard all items; returns their number."""
        with self._changed:
            count = len(self._items)
            self._items.clear()
            return count


class QueueThread(Generic[T]):
    """Hands items one by one to a function that may wait, in a thread of its own.

    Args:
        name: of the thread.
        deliver: takes an item; what it raises is its own fault, and ends the thread.
        dropped: called for each item that is lost.
        capacity: items that may wait.

    Attributes:
        stopping: set once `close` has been called; `deliver` then must not wait for long.
    """

    def __init__(
        self,
        name: str,
        deliver: Callable[[T], None],
        dropped: Callable[[], None],
        capacity: int = CAPACITY,
    ) -> None:
        self._name, self._deliver, self._dropped = name, deliver, dropped
        self._queue = DroppingQueue[T](dropped, capacity)
        self.stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, item: T) -> None:
        """Add an item without waiting."""
        self._queue.put(item)

    def close(self, timeout_s: float) -> None:
        """Deliver what is left, for `timeout_s` at most; what then remains is dropped."""
        self._queue.close()
        self._thread.join(timeout_s)
        for _ in range(self._queue.clear()):
            self._dropped()
        self.stopping.set()
        self._thread.join(LAST_S)

    def _run(self) -> None:
        name_thread(self._name)
        lower_priority()
        while (item := self._queue.get()) is not None:
            self._deliver(item)
