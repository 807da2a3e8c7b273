"""What an event is, and its JSON. Its keys are a contract: they only grow."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Phase(StrEnum):
    """An event has a start and an end."""

    START = "start"
    END = "end"


class EndReason(StrEnum):
    """Why an event has ended."""

    CHANGED = "changed"  # what the rule asks for is no longer so
    GONE = "gone"  # the face has left the picture
    STOPPED = "stopped"  # the stream has ended, or the rule was removed


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """The start or the end of something that a rule asks for, of one face.

    Attributes:
        rule: name of the rule.
        kind: kind of the rule.
        number: counts the events of a stream from 1; start and end have the same.
        phase: which of the two.
        track_id: the face's track.
        since_s: when the rule's condition began to hold, on the stream's clock.
        time_s: when the frame was captured that completed the start or the end, on the same clock.
        reason: why it has ended; None for a start.
        details: what was seen, such as label and probability; ready for JSON.

    Example:
        >>> event = Event(rule="door", kind="person", number=1, phase=Phase.START, track_id=3,
        ...               since_s=1.5, time_s=2.0)
        >>> event.duration_s
        0.5
    """

    rule: str
    kind: str
    number: int
    phase: Phase
    track_id: int
    since_s: float
    time_s: float
    reason: EndReason | None = None
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """Seconds for which the condition has held."""
        return self.time_s - self.since_s


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamClock:
    """Relates the times of a stream to the wall clock.

    Attributes:
        start_s: start of the stream on its own clock.
        start_unix_s: the same moment in seconds since 1970.
    """

    start_s: float
    start_unix_s: float

    def wall(self, time_s: float) -> str:
        """This time of the stream as ISO 8601 in UTC, with milliseconds.

        Example:
            >>> StreamClock(start_s=10.0, start_unix_s=0.0).wall(12.5)
            '1970-01-01T00:00:02.500Z'
        """
        seconds = self.start_unix_s + time_s - self.start_s
        text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An event as it is sent to a sink.

    Attributes:
        event: the event.
        id: unique for each start and each end: a receiver that gets a message twice can tell.
        record: the event ready for JSON.
    """

    event: Event
    id: str
    record: dict[str, Any]

    @property
    def body(self) -> bytes:
        """The record as JSON in UTF-8, without a line break."""
        return json.dumps(self.record, ensure_ascii=False).encode()


def message(event: Event, *, source: str, stream: str, clock: StreamClock) -> Message:
    """What sinks are sent for an event.

    Args:
        event: the event.
        source: name of the camera or file.
        stream: distinguishes this run from all others of the same source.
        clock: of the stream.
    """
    record: dict[str, Any] = {
        "id": f"{stream}-{event.number}",
        "source": source,
        "rule": event.rule,
        "kind": event.kind,
        "phase": event.phase.value,
        "time": clock.wall(event.time_s),
        "time_s": round(event.time_s - clock.start_s, 3),
        "since": clock.wall(event.since_s),
        "duration_s": round(event.duration_s, 3),
        "track_id": event.track_id,
    }
    if event.reason is not None:
        record["reason"] = event.reason.value
    return Message(
        event=event,
        id=f"{record['id']}-{event.phase.value}",
        record=record | event.details,
    )
