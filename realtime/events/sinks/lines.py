"""JSON lines, appended to a file or written to stdout."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from realtime.events.event import Message
from realtime.events.sinks.queue import QueueThread
from realtime.events.sinks.stats import SinkStats
from realtime.events.sinks.types import SinkContext, SinkError


class LineWriter:
    """Writes lines in a thread of its own, each as soon as it comes.

    A reader that stops reading, or a full disk, therefore never holds up who offers lines.

    Args:
        target: a file to append to; "-" is stdout.
        context: of the stream.
        stats: counts the lines.

    Raises:
        SinkError: the file cannot be written.
    """

    def __init__(self, target: str, context: SinkContext, stats: SinkStats) -> None:
        self._target, self._context, self._stats = target, context, stats
        self._file = _open(target)
        self._failed = False
        self._queue = QueueThread[tuple[str, float]]("facestream-out", self._write, stats.drop)

    def offer(self, line: str, time_s: float) -> None:
        """Write a line about a frame that was captured at this time."""
        self._queue.put((line, time_s))

    def close(self, timeout_s: float) -> None:
        """Write what is left, for `timeout_s` at most."""
        self._queue.close(timeout_s)

    def _write(self, item: tuple[str, float]) -> None:
        line, time_s = item
        try:
            self._file.write(line + "\n")
            self._file.flush()
        except BrokenPipeError:  # `| head` has closed the pipe
            self._stats.drop()
            self._context.stop()
        except OSError as error:
            self._stats.drop()
            if not self._failed:
                self._context.report(f"{self._target} cannot be written: {error.strerror}.")
            self._failed = True
        else:
            self._failed = False
            self._stats.arrived(self._context.clock() - time_s)


class LinesSink:
    """Implements `Sink`: each message is one line.

    Args:
        target: a file to append to; "-" is stdout.
        context: of the stream.

    Raises:
        SinkError: the file cannot be written.
    """

    def __init__(self, target: str, context: SinkContext) -> None:
        self.name = "stdout" if target == "-" else target
        self.stats = SinkStats()
        self._lines = LineWriter(target, context, self.stats)

    def offer(self, message: Message) -> None:
        """See `Sink`."""
        self._lines.offer(message.body.decode(), message.event.time_s)

    def set_online(self, online: bool) -> None:
        """See `Sink`; lines are for events alone."""

    def close(self, timeout_s: float) -> None:
        """See `Sink`."""
        self._lines.close(timeout_s)


def _open(target: str) -> IO[str]:
    if target == "-":
        return sys.stdout
    try:
        return Path(target).open("a", encoding="utf-8")
    except OSError as error:
        raise SinkError(f"{target} cannot be written: {error.strerror}.") from None
