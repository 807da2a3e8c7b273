"""What every sink can do, and what it is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from realtime.core.errors import FaceStreamError
from realtime.events.event import Message
from realtime.events.rules import Rule
from realtime.events.sinks.stats import SinkStats

Report = Callable[[str], None]


class SinkError(FaceStreamError, ValueError):
    """A sink that cannot be used; the message says what to change."""


class Sink(Protocol):
    """Where events go. No method but `close` may wait.

    Attributes:
        name: what the user calls it.
        stats: what became of its messages.
    """

    name: str
    stats: SinkStats

    def offer(self, message: Message) -> None:
        """Accept a message; a full sink drops its oldest one and counts that. For any thread."""
        ...

    def set_online(self, online: bool) -> None:
        """Note whether the source delivers frames. For any thread."""
        ...

    def close(self, timeout_s: float) -> None:
        """Deliver what is left, for `timeout_s` at most, and end. Called once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkContext:
    """What sinks know of the stream.

    Attributes:
        source: name of the camera or file.
        rules: all rules of the stream.
        environ: environment variables, for secrets.
        report: takes a sentence for the user when something changes, such as a lost connection.
        clock: monotonic time in seconds, the clock of the events.
        stop: ends the stream, because nobody reads its output any more.
        discovery: topic below which MQTT announces entities to Home Assistant; empty: nowhere.
    """

    source: str
    rules: Sequence[Rule]
    environ: Mapping[str, str]
    report: Report
    clock: Callable[[], float]
    stop: Callable[[], None] = lambda: None
    discovery: str = ""


def secret(context: SinkContext, variable: str, *, least: int) -> str:
    """A secret from the environment, of at least so many characters.

    Raises:
        SinkError: it is missing or too short.
    """
    value = context.environ.get(variable, "")
    if len(value) < least:
        what = f"has fewer than {least} characters" if value else "is not set"
        raise SinkError(
            f"{variable} {what}: set it to a random text of at least {least} characters."
        )
    return value
