"""Background work that has to end before the process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread
from weakref import WeakKeyDictionary, WeakMethod

_lock = Lock()
# A thread that runs keeps its owner, and with it the method, alive; neither is kept for longer.
_work: WeakKeyDictionary[Thread, WeakMethod[Callable[[], None]]] = WeakKeyDictionary()


def stop_at_shutdown(thread: Thread, stop: Callable[[], None]) -> None:
    """Have a thread stopped, and waited for, before the process ends.

    Args:
        thread: the thread.
        stop: a bound method that makes it end soon, without waiting.
    """
    with _lock:
        _work[thread] = WeakMethod(stop)


def stop_background_work(timeout_s: float) -> int:
    """Stop all such threads and wait for them.

    Args:
        timeout_s: seconds to wait for all of them together.

    Returns:
        How many still run.
    """
    with _lock:
        work = [(thread, stop()) for thread, stop in _work.items()]
    running = [(thread, stop) for thread, stop in work if stop is not None and thread.is_alive()]
    for _, stop in running:
        stop()
    deadline_s = time.monotonic() + timeout_s
    for thread, _ in running:
        thread.join(max(0.0, deadline_s - time.monotonic()))
    return sum(thread.is_alive() for thread, _ in running)
