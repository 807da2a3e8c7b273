"""The processes that decode pictures: a few, started when needed, replaced when lost."""

from __future__ import annotations

import atexit
import os
import threading
from queue import Empty, SimpleQueue

from realtime.core.arrays import Frame
from realtime.media.decode_process import Allocate, DecodeProcess
from realtime.media.limits import DECODE_PROCESSES
from realtime.media.picture_errors import BusyError


class DecodePool:
    """Decodes at most so many pictures at once; safe to use from any thread.

    Args:
        processes: how many.
    """

    def __init__(self, processes: int = DECODE_PROCESSES) -> None:
        self._slots = threading.BoundedSemaphore(processes)
        self._idle: SimpleQueue[DecodeProcess] = SimpleQueue()

    def decode(self, data: bytes, allocate: Allocate, *, wait_s: float | None) -> Frame:
        """Decode a picture file; see `DecodeProcess.decode`.

        Args:
            data: the file.
            allocate: gives (n,) bytes for the pixels; what it raises is passed on.
            wait_s: how long to wait for a free process; None: without end.

        Raises:
            BusyError: no process became free.
            PictureError: the picture cannot be decoded.
        """
        if not self._slots.acquire(timeout=wait_s):
            raise BusyError
        try:
            process = self._take()
            try:
                return process.decode(data, allocate)
            finally:
                if process.usable:
                    self._idle.put(process)
                else:
                    process.close()
        finally:
            self._slots.release()

    def close(self) -> None:
        """End the idle processes; new ones start when they are needed."""
        while (process := self._next()) is not None:
            process.close()

    def _take(self) -> DecodeProcess:
        while (process := self._next()) is not None:
            if process.usable:
                return process
            process.close()
        return DecodeProcess()

    def _next(self) -> DecodeProcess | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None


_pool = DecodePool()


def decode_pool() -> DecodePool:
    """The one pool of this process."""
    return _pool


def _renew() -> None:
    global _pool
    _pool = DecodePool()


if hasattr(os, "register_at_fork"):
    # Two servers that talk to one process would mix up their pictures.
    os.register_at_fork(after_in_child=_renew)
atexit.register(lambda: _pool.close())
