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


class WaitShare:
    """How long a thread waits for a processor, from the Linux scheduler's figures."""

    def __init__(self) -> None:
        self._before = (0, 0)
        self._share = 0.0

    def __call__(self, native_id: int) -> float:
        """The share of waiting in the time in which a thread could run, since the last call.

        Returns:
            0 to 1: 0 if it ran whenever it could, or where the system does not say.
        """
        try:
            text = Path(f"/proc/self/task/{native_id}/schedstat").read_text()
            ran_ns, waited_ns = (int(number) for number in text.split()[:2])
        except (OSError, ValueError):
            return 0.0
        ran, waited = ran_ns - self._before[0], waited_ns - self._before[1]
        if ran + waited > 0:
            self._before = (ran_ns, waited_ns)
            self._share = waited / (ran + waited)
        return self._share
