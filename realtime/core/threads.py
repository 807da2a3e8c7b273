"""Threads that can be told apart from outside, and that know who goes first."""

from __future__ import annotations

import contextlib
import os
import threading
from pathlib import Path


def name_thread(name: str) -> None:
    """Show this thread under that name in `top -H`, which Python itself does only from 3.14 on."""
    with contextlib.suppress(OSError):
        path = Path(f"/proc/self/task/{threading.get_native_id()}/comm")
        path.write_text(name[:15])


def give_way() -> None:
    """Let other threads go first from now on, before this one and all it starts (Linux)."""
    if hasattr(os, "setpriority"):
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
