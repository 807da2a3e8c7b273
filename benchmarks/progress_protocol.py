"""The protocol between a benchmark and the program that runs it: progress, and when to exit."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from threading import Thread

from training.progress import Progress, progress

MIN_INTERVAL_S = 0.2


def add_watched_option(parser: argparse.ArgumentParser) -> None:
    """Add the option `--watched`."""
    parser.add_argument(
        "--watched",
        action="store_true",
        help="for programs that run this command: write progress as JSON to stderr, and exit "
        "when stdin is closed",
    )


def start_progress(total: int, title: str, *, watched: bool) -> Progress:
    """Start to report progress: to a parent program if `watched`, otherwise to the terminal.

    If `watched`, this process exits as soon as its stdin is closed. It therefore never outlives
    the parent that holds the other end of the pipe, even if the parent is killed.

    Args:
        total: Number of steps.
        title: What is being done, for the terminal.
        watched: The value of `--watched`.
    """
    if not watched:
        return progress(total, title)
    Thread(target=_exit_with_stdin, daemon=True).start()
    return _JsonProgress(total)


class _JsonProgress:
    """Writes lines like `{"done": 3, "total": 10}` to stderr."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._next_s = total, 0, 0.0

    def update(self, n: int = 1) -> None:
        self._done += n
        now_s = time.monotonic()
        if now_s >= self._next_s or self._done == self._total:
            self._next_s = now_s + MIN_INTERVAL_S
            self.write(json.dumps({"done": self._done, "total": self._total}))

    def write(self, s: str) -> None:
        print(s, file=sys.stderr, flush=True)

    def close(self) -> None:
        pass


def _exit_with_stdin() -> None:
    while os.read(0, 1024):  # sys.stdin would be locked while the interpreter shuts down
        pass
    os._exit(1)
