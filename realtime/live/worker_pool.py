"""The worker processes of this server: one per core, started when needed, replaced when lost."""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable

from realtime.live.worker_client import WorkerClient, WorkerLostError

LOGGER = logging.getLogger(__name__)
CHECK_S = 5.0
RESTART_S = 1.0  # a worker that ends sooner than this after its start is not replaced at once


class WorkerPool:
    """Has a worker process for each lane of the engine. Thread-safe.

    Args:
        start: starts a process.
    """

    def __init__(self, start: Callable[[], WorkerClient] = WorkerClient) -> None:
        self._start = start
        self._lock = threading.Lock()
        self._workers: dict[int, WorkerClient] = {}
        self._started_s: dict[int, float] = {}
        self._closed = threading.Event()
        self._watched = False

    def worker(self, lane: int) -> WorkerClient:
        """The worker of a lane; a new one if there is none or it has ended.

        Raises:
            WorkerLostError: it cannot be started, or has ended just after its start.
        """
        with self._lock:
            if self._closed.is_set():
                raise WorkerLostError("The server is shutting down.")
            worker = self._workers.get(lane)
            if worker is not None and worker.alive:
                return worker
            now_s = time.monotonic()
            if now_s - self._started_s.get(lane, -RESTART_S) < RESTART_S:
                raise WorkerLostError("A worker process has ended just after its start.")
            if worker is not None:
                LOGGER.error("Worker process %d has ended and is replaced", worker.pid)
                worker.close()
            self._started_s[lane] = now_s
            self._workers[lane] = self._start()
            self._watch()
            return self._workers[lane]

    def warm_up(self) -> None:
        """Start the first worker, so that the first stream need not wait for it."""
        threading.Thread(target=self._warm_up, daemon=True).start()

    def close(self) -> None:
        """End all processes for good."""
        self._closed.set()
        with self._lock:
            workers, self._workers = list(self._workers.values()), {}
        for worker in workers:
            worker.close()

    def _warm_up(self) -> None:
        try:
            self.worker(0).request("ready")
        except WorkerLostError:
            LOGGER.exception("The first worker process did not start")

    def _watch(self) -> None:
        if not self._watched:
            self._watched = True
            threading.Thread(target=self._end_stuck, daemon=True).start()
            atexit.register(self.close)

    def _end_stuck(self) -> None:
        while not self._closed.wait(CHECK_S):
            with self._lock:
                workers = list(self._workers.values())
            for worker in workers:
                if worker.end_if_stuck(time.monotonic()):
                    LOGGER.error("Worker process %d did not answer and is replaced", worker.pid)
