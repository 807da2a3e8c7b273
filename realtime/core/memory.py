"""Memory that the C library keeps after it was freed."""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

_lock = threading.Lock()
_real_time_work = 0  # number of blocks of `real_time_work`


def return_free_memory() -> None:
    """Return freed memory to the system (glibc; nothing elsewhere), or later in `real_time_work`.

    Each thread allocates from an arena of its own, and glibc keeps what was freed there, so every
    few streams leave the size of a stream's networks behind. Thread-safe.
    """
    library = _c_library()
    if library is not None and not _real_time_work:
        library.malloc_trim(0)


@contextmanager
def real_time_work() -> Iterator[None]:
    """Work that nothing may hold up; memory is returned when the last such block has ended.

    Returning memory holds the locks of the arenas, for tens of milliseconds after a few streams.
    """
    global _real_time_work
    with _lock:
        _real_time_work += 1
    try:
        yield
    finally:
        with _lock:
            _real_time_work -= 1
        return_free_memory()


@cache
def _c_library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
