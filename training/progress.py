"""How far a long job is: a bar in a terminal, a line now and then in a log file."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TextIO, TypeVar

from tqdm import tqdm

EVERY_S = 30.0
T = TypeVar("T")


class Progress(Protocol):
    """What counts steps; `tqdm` is one."""

    def update(self, n: int = 1) -> object:
        """Count steps that are done."""

    def write(self, s: str) -> None:
        """Print a line without breaking the bar."""

    def close(self) -> None:
        """Say the last."""


class Lines:
    """Progress as lines, for files: a carriage return would pile all states up in one line.

    Args:
        total: steps of the whole job.
        title: what is done.
        initial: steps that were done before.
        out: where to write.
        clock: seconds, from any zero.
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
        self._start = self._told = clock()
        self._told_at = initial
        # The speed is taken from the end of the first step on, as that one also compiles and loads.
        self._first: tuple[int, float] | None = None

    def update(self, n: int = 1) -> None:
        """Count steps, and print a line where the last was long ago."""
        self._done += n
        now = self._clock()
        if self._first is None:
            self._first = (self._done, now)
        if now - self._told >= EVERY_S:
            self._tell(now)

    def write(self, s: str) -> None:
        """Print a line."""
        print(s, file=self._out, flush=True)

    def close(self) -> None:
        """Print where the job ended, unless that was just told."""
        if self._done != self._told_at:
            self._tell(self._clock())

    def _tell(self, now: float) -> None:
        self._told, self._told_at = now, self._done
        share = self._done / max(self._total, 1)
        text = f"{self._title}: {share:.0%}, {self._done} of {self._total}"
        text += f", {duration(now - self._start)} gone"
        steps, start = self._first or (self._done, now)
        if steps < self._done < self._total:
            left = (self._total - self._done) * (now - start) / (self._done - steps)
            text += f", {duration(left)} left"
        self.write(text)


def progress(total: int, title: str, *, initial: int = 0) -> Progress:
    """A bar where stderr is a terminal, otherwise lines."""
    if not sys.stderr.isatty():
        return Lines(total, title, initial=initial)
    shape = (
        "{desc}: {percentage:.0f}% |{bar}| {n_fmt} of {total_fmt}, {elapsed} gone, {remaining} left"
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
    """The items, one by one, with progress; the last state is told also where one fails."""
    bar = progress(total, title)
    try:
        for item in items:
            yield item
            bar.update()
    finally:
        bar.close()


def duration(seconds: float) -> str:
    """A time for people: `40 s`, `12 min`, `3 h 05 min`."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
