"""Memory for the pixels of uploaded pictures, which all visitors share."""

from __future__ import annotations

import time
import weakref

import numpy as np
from numpy.typing import NDArray

from realtime.core.memory_budget import MemoryBudget
from realtime.media.limits import MAX_DECODE_WAIT_S, MAX_DECODED_BYTES
from realtime.media.picture_errors import BusyError

_RETRY_S = 0.02


class PictureMemory:
    """Allocates arrays while all those in use stay below a limit; safe to use from any thread.

    An array counts for as long as anything refers to it or to a part of it.

    Args:
        max_bytes: of all arrays in use.
        wait_s: how long to wait until enough of them are freed.
    """

    def __init__(
        self, max_bytes: int = MAX_DECODED_BYTES, wait_s: float = MAX_DECODE_WAIT_S
    ) -> None:
        self._budget, self._wait_s = MemoryBudget(max_bytes), wait_s

    @property
    def used_bytes(self) -> int:
        """Size of all arrays in use."""
        return self._budget.used_bytes

    def allocate(self, size: int) -> NDArray[np.uint8]:
        """An array of (size,) bytes.

        Raises:
            BusyError: there is not enough memory, and none was freed in time.
        """
        deadline_s = time.monotonic() + self._wait_s
        while not self._budget.take(size):
            if time.monotonic() >= deadline_s:
                raise BusyError
            time.sleep(_RETRY_S)
        try:
            array = np.empty(size, np.uint8)
        except MemoryError:
            self._budget.give_back(size)
            raise
        weakref.finalize(array, self._budget.give_back, size)
        return array
