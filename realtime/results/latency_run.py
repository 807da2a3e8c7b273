"""The latency benchmark on this server: one run at a time, in a process of its own.

That process ends when the run is cancelled and, as its stdin ends, with this one, however that
comes about. Its figures stay in memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from threading import Lock, Thread, Timer

from realtime.core.errors import FaceStreamError
from realtime.results.speed import LatencyRun, latency_run
from realtime.results.stored import ROOT

COMMAND = (sys.executable, "-m", "benchmarks", "latency", "--watched", "--json", "-")
LIMIT_S = 20 * 60.0
REFUSED = "The benchmark cannot run: "  # what such a process says last, and why
FAILED = "The benchmark did not come to its end: the server's log says why."


class BusyError(FaceStreamError, RuntimeError):
    """Another run is under way; the message is one sentence."""


class Run:
    """One run, from its start on.

    Attributes:
        done: frames measured so far.
        total: frames to measure; 0 until that is known.
        figures: what it found; None until then.
        problem: why there are no figures, a sentence; empty as long as all is well.
        running: whether it still is.
    """

    def __init__(self, options: Sequence[str], *, limit_s: float = LIMIT_S) -> None:
        self.done, self.total = 0, 0
        self.figures: LatencyRun | None = None
        self.problem = ""
        self.running = True
        self._refusal = ""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [*COMMAND, *options], cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True
        )
        self._limit = Timer(limit_s, self._stop, ["The benchmark took too long and was ended."])
        self._limit.daemon = True
        self._limit.start()
        self._told = Thread(target=self._listen, daemon=True)
        self._told.start()
        Thread(target=self._wait, daemon=True).start()

    @property
    def share(self) -> float:
        """How much of it is done, 0 to 1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    def cancel(self) -> None:
        """End it; `running` is False soon after."""
        self._stop("The measurement was cancelled.")

    def _stop(self, why: str) -> None:
        self.problem = self.problem or why
        self._process.kill()

    def _listen(self) -> None:
        """Take in the progress; what else is said goes to the log."""
        for line in self._process.stderr or ():
            try:
                told = json.loads(line)
                self.done, self.total = int(told["done"]), int(told["total"])
            except (ValueError, TypeError, KeyError):
                sys.stderr.write(line)
                if line.startswith(REFUSED):
                    self._refusal = line.strip()

    def _wait(self) -> None:
        with self._process:
            text = self._process.stdout.read() if self._process.stdout else ""
            self._told.join()
        self._limit.cancel()
        if not self.problem:
            self.figures = _figures(text) if self._process.returncode == 0 else None
            self.problem = "" if self.figures else self._refusal or FAILED
        self.running = False


def _figures(text: str) -> LatencyRun | None:
    try:
        return latency_run(json.loads(text))
    except (ValueError, TypeError, KeyError):
        return None


class Runner:
    """Sees to it that one run at a time uses the server's cores; shared by all visitors."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._run: Run | None = None

    @property
    def current(self) -> Run | None:
        """The run under way, if there is one."""
        run = self._run
        return run if run is not None and run.running else None

    def start(self, options: Sequence[str], *, limit_s: float = LIMIT_S) -> Run:
        """Begin a run.

        Args:
            options: of `python -m benchmarks latency`.
            limit_s: after how many seconds it is ended.

        Raises:
            BusyError: another one is under way.
        """
        with self._lock:
            if self.current is not None:
                raise BusyError("Another visitor is measuring: start when that is done.")
            self._run = Run(options, limit_s=limit_s)
            return self._run
