"""Run the latency benchmark on this server, one run at a time, in a subprocess.

The subprocess ends when the run is cancelled. It also ends with this process, even if that is
killed, because its stdin is then closed. The results stay in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from threading import Lock, Thread, Timer

from realtime.core.errors import FaceStreamError
from realtime.results.speed import LatencyRun, parse_latency_run
from realtime.results.stored import ROOT

COMMAND = (sys.executable, "-m", "benchmarks", "latency", "--watched", "--json", "-")
TIMEOUT_S = 20 * 60.0
ERROR_PREFIX = "The benchmark cannot run: "  # begins the error message of `python -m benchmarks`
FAILED = "The benchmark failed. See the server log for details."
TIMED_OUT = "The benchmark was stopped because it took too long."
CANCELLED = "The benchmark was cancelled."


class BusyError(FaceStreamError, RuntimeError):
    """Another run is in progress; the message is meant for users."""


class LatencyJob:
    """One run of the benchmark, which starts at once.

    Args:
        options: Options for `python -m benchmarks latency`.
        timeout_s: Seconds after which the run is stopped.

    Attributes:
        done: Number of frames measured so far.
        total: Number of frames to measure; 0 until it is known.
        results: The results; None until the run has succeeded.
        problem: Why the run failed, as a sentence for users; empty unless it did.
        running: Whether the run is in progress.
    """

    def __init__(self, options: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> None:
        self.done, self.total = 0, 0
        self.results: LatencyRun | None = None
        self.problem = ""
        self.running = True
        self._error = ""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [*COMMAND, *options], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
        self._timer = Timer(timeout_s, self._stop, [TIMED_OUT])
        self._timer.daemon = True
        self._timer.start()
        self._reader = Thread(target=self._read_progress, daemon=True)
        self._reader.start()
        Thread(target=self._wait, daemon=True).start()

    @property
    def progress(self) -> float:
        """The fraction of frames measured so far, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def cancel(self) -> None:
        """Cancel the run; `running` becomes False soon after."""
        self._stop(CANCELLED)

    def _stop(self, reason: str) -> None:
        self.problem = self.problem or reason
        self._process.kill()

    def _read_progress(self) -> None:
        """Read progress from stderr; everything else there goes to the log."""
        for line in self._process.stderr or ():
            try:
                state = json.loads(line)
                self.done, self.total = int(state["done"]), int(state["total"])
            except (ValueError, TypeError, KeyError):
                sys.stderr.write(line)
                if line.startswith(ERROR_PREFIX):
                    self._error = line.strip()

    def _wait(self) -> None:
        with self._process:
            text = self._process.stdout.read() if self._process.stdout else ""
            self._reader.join()
        self._timer.cancel()
        if not self.problem:
            self.results = _parse(text) if self._process.returncode == 0 else None
            self.problem = "" if self.results else self._error or FAILED
        self.running = False


def _parse(text: str) -> LatencyRun | None:
    try:
        return parse_latency_run(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


class LatencyRunner:
    """Starts runs and makes sure that only one is in progress; shared by all sessions."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._job: LatencyJob | None = None

    @property
    def current(self) -> LatencyJob | None:
        """The run in progress, if there is one."""
        job = self._job
        return job if job is not None and job.running else None

    def start(self, options: Sequence[str], *, timeout_s: float = TIMEOUT_S) -> LatencyJob:
        """Start a run.

        Args:
            options: Options for `python -m benchmarks latency`.
            timeout_s: Seconds after which the run is stopped.

        Raises:
            BusyError: Another run is in progress.
        """
        with self._lock:
            if self.current is not None:
                raise BusyError("Another visitor is running the benchmark. Try again later.")
            self._job = LatencyJob(options, timeout_s=timeout_s)
            return self._job
