"""Progress of long jobs: a bar in a terminal, an occasional line in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TextIO, TypeVar

from tqdm import tqdm

EVERY_S = 30.0
T = TypeVar("T")


class Progress(Protocol):
    """A progress display; `tqdm` is one."""

    def update(self, n: int = 1) -> object:
        """Count finished steps."""

    def write(self, s: str) -> None:
        """Print a line without breaking the bar."""

    def close(self) -> None:
        """Show the final state."""


class Lines:
    """Progress as lines, for log files, where a bar would print all its states on one line.

    Args:
        total: steps of the whole job.
        title: name of the job.
        initial: steps finished before.
        out: stream to write to; defaults to stderr.
        clock: monotonic time in seconds.
    """

    def __init__(
        self,
        total: int,
        title: str,
        *,
        initial: int = 0,
        out: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._title, self._done = total, title, initial
        self._out, self._clock = out or sys.stderr, clock
        self._start = self._printed_s = clock()
        self._printed_at = initial
        # Speed is measured after the first step, which also compiles and loads.
        self._first: tuple[int, float] | None = None

    def update(self, n: int = 1) -> None:
        """Count steps; prints a line every `EVERY_S` seconds."""
        self._done += n
        now = self._clock()
        if self._first is None:
            self._first = (self._done, now)
        if now - self._printed_s >= EVERY_S:
            self._print(now)

    def write(self, s: str) -> None:
        """Print a line."""
        print(s, file=self._out, flush=True)

    def close(self) -> None:
        """Print the final state, unless it was the last line."""
        if self._done != self._printed_at:
            self._print(self._clock())

    def _print(self, now: float) -> None:
        self._printed_s, self._printed_at = now, self._done
        share = self._done / max(self._total, 1)
        text = f"{self._title}: {share:.0%}, {self._done} of {self._total}"
        text += f", {duration(now - self._start)} elapsed"
        steps, start = self._first or (self._done, now)
        if steps < self._done < self._total:
            left = (self._total - self._done) * (now - start) / (self._done - steps)
            text += f", {duration(left)} left"
        self.write(text)


def progress(total: int, title: str, *, initial: int = 0) -> Progress:
    """A bar if stderr is a terminal, otherwise lines.

    Args:
        total: steps of the whole job.
        title: name of the job.
        initial: steps finished before.
    """
    if not sys.stderr.isatty():
        return Lines(total, title, initial=initial)
    shape = (
        "{desc}: {percentage:.0f}% |{bar}| {n_fmt} of {total_fmt}, "
        "{elapsed} elapsed, {remaining} left"
    )
    return tqdm(
        total=total,
        desc=title,
        initial=initial,
        mininterval=0.5,
        bar_format=shape,
        dynamic_ncols=True,
    )


def over(items: Iterable[T], total: int, title: str) -> Iterator[T]:
    """Iterate over items with progress; the final state is shown even if iteration fails."""
    bar = progress(total, title)
    try:
        for item in items:
            yield item
            bar.update()
    finally:
        bar.close()


def duration(seconds: float) -> str:
    """Format a duration: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
