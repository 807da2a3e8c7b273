"""A worker process, seen from the server; see `realtime.live.worker`."""

from __future__ import annotations

import pickle
import subprocess
import threading
import time
from contextlib import suppress
from io import BufferedReader, BufferedWriter
from typing import Any, cast

from realtime.live.worker_messages import Answer
from realtime.media.worker_process import analysis_environment, worker_command

MAX_ANALYSIS_S = 10.0  # it takes milliseconds, and some seconds where settings ask for new networks
MAX_REQUEST_S = 60.0  # to start and to load networks, on a machine with other work


class WorkerLostError(RuntimeError):
    """The process has ended, or cannot be started."""


class WorkerClient:
    """One worker process, for any number of streams. Thread-safe: one request at a time.

    Raises:
        WorkerLostError: the process cannot be started.
    """

    def __init__(self) -> None:
        try:
            self._process = subprocess.Popen(
                worker_command("realtime.live.worker"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env=analysis_environment(),
            )
        except OSError as error:
            raise WorkerLostError(f"A worker process cannot be started: {error}") from error
        self._requests = cast(BufferedWriter, self._process.stdin)
        self._answers = cast(BufferedReader, self._process.stdout)
        self._lock = threading.Lock()
        self._busy_until_s: float | None = None  # the latest time at which it may answer
        self._lost = False

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        return not self._lost and self._process.poll() is None

    def request(self, method: str, *arguments: Any) -> Answer:
        """Call a method of `realtime.live.worker.Worker` in the process.

        Raises:
            WorkerLostError: the process has ended.
            Exception: what the method raised.
        """
        message = pickle.dumps((method, *arguments), pickle.HIGHEST_PROTOCOL)
        with self._lock:
            limit_s = MAX_ANALYSIS_S if method == "process" else MAX_REQUEST_S
            self._busy_until_s = time.monotonic() + limit_s
            try:
                self._requests.write(message)
                self._requests.flush()
                answer: Answer = pickle.load(self._answers)
            except (OSError, EOFError, ValueError, pickle.UnpicklingError) as error:
                self._lost = True
                self._process.kill()
                raise WorkerLostError("A worker process has ended.") from error
            finally:
                self._busy_until_s = None
        if isinstance(answer.value, Exception):
            raise answer.value
        return answer

    def end_if_stuck(self, now_s: float) -> bool:
        """End the process, and what waits for it, if a request takes too long."""
        until_s = self._busy_until_s
        stuck = until_s is not None and now_s > until_s
        if stuck:
            self._process.kill()
        return stuck

    def close(self) -> None:
        """End the process; whoever waits for it gets `WorkerLostError`."""
        self._process.kill()
        self._process.wait()
        with self._lock:  # nobody uses the pipes any longer
            self._lost = True
            for pipe in (self._requests, self._answers):
                with suppress(OSError):
                    pipe.close()
