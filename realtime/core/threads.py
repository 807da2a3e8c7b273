"""Thread names and priorities."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path

_MAX_NAME_LENGTH = 15  # of a thread's name in the Linux kernel
_NICENESS = 10


def name_thread(name: str) -> None:
    """Show the current thread under `name` in `top -H` (Linux; cut to 15 characters).

    Python itself does this only from 3.14 on.
    """
    with contextlib.suppress(OSError):
        path = Path(f"/proc/self/task/{threading.get_native_id()}/comm")
        path.write_text(name[:_MAX_NAME_LENGTH])


def lower_priority() -> None:
    """Lower the priority of the current thread and of all threads it starts (Linux)."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICENESS)
