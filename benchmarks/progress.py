"""One line on a terminal that says what a long benchmark is at."""

from __future__ import annotations

import sys


def watch(what: str, done: int, of: int) -> None:
    """Say on stderr, if that is a terminal, how much of `what` is done."""
    if not sys.stderr.isatty():
        return
    end = "\n" if done == of else ""
    print(f"\r{what}: {done} of {of} pictures", end=end, file=sys.stderr, flush=True)
