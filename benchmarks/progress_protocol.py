"""A run that another program started: progress for it to read, and an end when it ends."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from threading import Thread

from training.progress import Progress, progress

EVERY_S = 0.2


def add_argument(parser: argparse.ArgumentParser) -> None:
    """The option `--watched`."""
    parser.add_argument(
        "--watched",
        action="store_true",
        help="for a program that runs this one: progress as JSON on stderr, an end with stdin's",
    )


def steps(total: int, title: str, *, watched: bool) -> Progress:
    """What counts the steps: as JSON for another program, or for people.

    Where watched, this process ends as soon as its stdin does, and so with the program that holds
    the other end, in whatever way that one ends.
    """
    if not watched:
        return progress(total, title)
    Thread(target=_end_with_stdin, daemon=True).start()
    return _Told(total)


class _Told:
    """Steps as lines `{"done": 3, "total": 10}` on stderr."""

    def __init__(self, total: int) -> None:
        self._total, self._done, self._next_s = total, 0, 0.0

    def update(self, n: int = 1) -> None:
        self._done += n
        now_s = time.monotonic()
        if now_s >= self._next_s or self._done == self._total:
            self._next_s = now_s + EVERY_S
            self.write(json.dumps({"done": self._done, "total": self._total}))

    def write(self, s: str) -> None:
        print(s, file=sys.stderr, flush=True)

    def close(self) -> None:
        pass


def _end_with_stdin() -> None:
    while os.read(0, 1024):  # not by sys.stdin, which is locked while this process finishes
        pass
    os._exit(1)
