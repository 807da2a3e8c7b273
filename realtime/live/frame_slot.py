"""A stream's frame in memory that two processes share."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing.shared_memory import SharedMemory

import numpy as np
from numpy.typing import NDArray

FRAME, PICTURE, MASK = range(3)  # the parts of a slot: what comes in, and what goes out
PARTS = 3
Bytes = NDArray[np.uint8]


class FrameSlot:
    """Room for a frame, the picture made of it and a mask; one frame at a time.

    The process that creates it removes it: `close`, or Python's resource tracker if the process is
    killed.

    Args:
        size: bytes of a frame.
        name: of a slot that another process has created; None creates one.

    Raises:
        OSError: there is not enough shared memory, or none of that name.
    """

    def __init__(self, size: int, name: str | None = None) -> None:
        self.size = size
        self._owned = name is None
        self._memory = SharedMemory(name, create=name is None, size=PARTS * size)
        if self._owned:
            self._reserve()

    @property
    def name(self) -> str:
        """By which the other process finds it."""
        return self._memory.name

    def write(self, part: int, pixels: Bytes) -> None:
        """Copy an array of at most `size` bytes into a part."""
        self.view(part, pixels.shape)[:] = pixels

    def view(self, part: int, shape: tuple[int, ...]) -> Bytes:
        """A part as an array; nothing may refer to it when the slot is closed."""
        return np.ndarray(shape, np.uint8, self._memory.buf, part * self.size)

    def close(self) -> None:
        """Give the memory up. May be called repeatedly."""
        with suppress(BufferError):
            self._memory.close()
        if self._owned:
            self._owned = False
            with suppress(FileNotFoundError):
                self._memory.unlink()

    def _reserve(self) -> None:
        """Make sure that the memory is there: a write where it is not would end the process."""
        if hasattr(os, "posix_fallocate") and hasattr(self._memory, "_fd"):
            try:
                os.posix_fallocate(self._memory._fd, 0, PARTS * self.size)
            except OSError:
                self.close()
                raise
