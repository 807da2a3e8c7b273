"""Background work ends before the process does."""

from __future__ import annotations

import gc
import threading
import weakref

from realtime.core.shutdown import stop_at_shutdown, stop_background_work

WAIT_S = 30.0


class Work:
    """A thread that runs until it is stopped; a stubborn one until it is released."""

    def __init__(self, *, stubborn: bool = False) -> None:
        self.stopped, self.released = threading.Event(), threading.Event()
        self._ends = self.released if stubborn else self.stopped
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        stop_at_shutdown(self.thread, self.stop)

    def stop(self) -> None:
        self.stopped.set()

    def _run(self) -> None:
        self._ends.wait(WAIT_S)


def test_all_work_is_stopped_and_waited_for() -> None:
    work = [Work(), Work()]
    assert stop_background_work(WAIT_S) == 0
    assert not any(each.thread.is_alive() for each in work)


def test_work_that_goes_on_is_counted() -> None:
    stubborn, other = Work(stubborn=True), Work()
    assert stop_background_work(0.1) == 1
    assert stubborn.stopped.is_set()
    assert other.stopped.is_set()
    stubborn.released.set()
    stubborn.thread.join(WAIT_S)
    assert stop_background_work(0.0) == 0


def test_ended_work_is_not_kept_in_memory() -> None:
    work = Work()
    known = weakref.ref(work)
    work.stop()
    work.thread.join(WAIT_S)
    del work
    gc.collect()
    assert known() is None
