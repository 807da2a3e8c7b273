"""The events of one live stream, by the rules that its viewer has chosen."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import cache
from secrets import token_hex

from realtime.config import settings
from realtime.core.errors import FaceStreamError
from realtime.core.faces import FrameResult
from realtime.events.engine import EventEngine
from realtime.events.event import Event, Message, StreamClock, message
from realtime.events.rules import RULES, Rule
from realtime.events.sinks.registry import SINKS, operator_sinks
from realtime.events.sinks.types import Sink, SinkContext

SOURCE = "live"
MAX_EVENTS = 1000
_LOGGER = logging.getLogger(__name__)


class StreamEvents:
    """Finds events in a stream's results and keeps the latest; for any thread.

    Nothing leaves the server unless the operator has named sinks in the environment and the viewer
    allows it.

    Args:
        clock: monotonic time in seconds, the clock of the results.
        sinks: returns the operator's sinks.

    Attributes:
        sends: whether the viewer allows that events go to the operator's sinks.
        dropped: events that are no longer kept.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sinks: Callable[[], Sequence[Sink]] | None = None,
    ) -> None:
        self.sends = False
        self.dropped = 0
        self._clock = clock
        self._sinks = sinks or shared_operator_sinks
        self._lock = threading.Lock()
        self._engine = EventEngine(())
        self._rules: tuple[Rule, ...] = ()
        self._kept = deque[Message](maxlen=MAX_EVENTS)
        self._stream = token_hex(4)
        self._stream_clock: StreamClock | None = None

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules; assigning others ends the events of those that are gone."""
        return self._rules

    @rules.setter
    def rules(self, rules: Sequence[Rule]) -> None:
        with self._lock:
            if tuple(rules) != self._rules:
                self._rules = tuple(rules)
                self._keep(self._engine.set_rules(rules, self._clock()))

    @property
    def latest(self) -> list[Message]:
        """The events that are kept, oldest first."""
        with self._lock:
            return list(self._kept)

    def offer(self, result: FrameResult | None) -> None:
        """Take a frame's result; None, of an analysis that failed, says nothing."""
        if result is None:
            return
        with self._lock:
            if self._stream_clock is None:
                start_unix_s = time.time() - (self._clock() - result.time_s)
                self._stream_clock = StreamClock(start_s=result.time_s, start_unix_s=start_unix_s)
            if self._rules:
                self._keep(self._engine.update(result))

    def end(self) -> None:
        """End all events, because the stream has ended."""
        with self._lock:
            self._keep(self._engine.end(self._clock()))

    def json_lines(self) -> bytes:
        """The events that are kept, each as a line of JSON."""
        return b"".join(each.body + b"\n" for each in self.latest)

    def _keep(self, events: Sequence[Event]) -> None:
        sinks = self._sinks() if events and self.sends else ()
        for event in events:
            assert self._stream_clock is not None  # events come from results
            new = message(event, source=SOURCE, stream=self._stream, clock=self._stream_clock)
            self.dropped += len(self._kept) == MAX_EVENTS
            self._kept.append(new)
            for sink in sinks:
                sink.offer(new)


def operator_listens() -> bool:
    """Whether the operator has named a webhook or an MQTT broker in the environment."""
    return any(entry.variable and settings().texts().get(entry.variable) for entry in SINKS)


@cache
def shared_operator_sinks() -> tuple[Sink, ...]:
    """The operator's sinks, which all streams share; none, with a warning, if they are invalid."""
    context = SinkContext(
        source=SOURCE,
        rules=[rule() for rule in RULES.values()],
        environ=settings().texts(),
        report=_LOGGER.warning,
        clock=time.monotonic,
    )
    try:
        sinks = tuple(operator_sinks(settings().texts(), context))
    except FaceStreamError as error:
        _LOGGER.warning("Events are not sent: %s", error)
        return ()
    for sink in sinks:
        sink.set_online(True)
    return sinks
