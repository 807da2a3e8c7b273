"""Memory that the C library keeps after it was freed."""

from __future__ import annotations

import ctypes
import sys
from functools import cache
from typing import Any


def return_free_memory() -> None:
    """Return freed memory to the system (glibc; nothing elsewhere). Thread-safe; takes some ms.

    Each thread allocates from an arena of its own, and glibc keeps what was freed there, so every
    few streams leave the size of a stream's networks behind.
    """
    library = _c_library()
    if library is not None:
        library.malloc_trim(0)


@cache
def _c_library() -> Any:
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return library if hasattr(library, "malloc_trim") else None
