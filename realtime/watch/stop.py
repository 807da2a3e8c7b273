"""How `watch` is told to end: by signals, or because nobody reads its output."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from realtime.watch.loop import WatchLoop


class Stop:
    """Ends the loop, also if it is asked to before there is one.

    Attributes:
        output_closed: whether it was asked to because nobody reads the output.
    """

    def __init__(self) -> None:
        self._loop: WatchLoop | None = None
        self._asked = False
        self.output_closed = False

    def close_output(self) -> None:
        """End the loop because nobody reads the output."""
        self.output_closed = True
        self.ask()

    def ask(self) -> None:
        """End the loop."""
        self._asked = True
        if self._loop is not None:
            self._loop.stop.set()

    def ends(self, loop: WatchLoop) -> None:
        """Note which loop to end."""
        self._loop = loop
        if self._asked:
            loop.stop.set()


@contextmanager
def stop_on_signals() -> Iterator[Stop]:
    """SIGINT and SIGTERM ask the loop to end; a second one ends the process at once."""
    stop = Stop()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, _frame: FrameType | None) -> None:
        stop.ask()
        signal.signal(number, signal.SIG_DFL)

    for number in before:
        signal.signal(number, handle)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
