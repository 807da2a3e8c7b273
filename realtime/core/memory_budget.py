"""A limit on the memory that many users share."""

from __future__ import annotations

import threading
from collections import deque


class MemoryBudget:
    """Counts bytes in use up to a limit; safe to use from any thread and in finalizers.

    Args:
        max_bytes: the most that may be in use at once.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._used = 0
        # Freed bytes are noted without the lock: Python may collect garbage in the middle of
        # `take`, in the same thread, and run finalizers that give their bytes back.
        self._freed = deque[int]()

    @property
    def used_bytes(self) -> int:
        """Bytes in use."""
        with self._lock:
            return self._count()

    def take(self, size: int) -> bool:
        """Count more bytes; False, and nothing is counted, if they exceed the limit."""
        with self._lock:
            if self._count() + size > self._max_bytes:
                return False
            self._used += size
            return True

    def give_back(self, size: int) -> None:
        """Count these bytes no longer; never waits."""
        self._freed.append(size)

    def _count(self) -> int:
        while self._freed:
            self._used -= self._freed.popleft()
        return self._used
