"""Results of frames in, events out: no clock, no input or output, no randomness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from realtime.core.faces import Faces, FrameResult
from realtime.events.event import EndReason, Event, Phase
from realtime.events.rules import Rule, State

# Frames further apart say nothing about the time between them, so no condition lasts across it.
MAX_GAP_S = 2.0


@dataclass(frozen=True, slots=True)
class _Condition:
    """One rule's condition of one track: pending, or an event that has started.

    Attributes:
        since_s: when it began to hold.
        held_s: when it was last seen to hold, or not to have ended.
        event: the start of the event; None while pending.
    """

    since_s: float
    held_s: float
    event: Event | None = None


class EventEngine:
    """Finds the events of one stream; used by one thread at a time.

    An event starts once its rule's condition has held for `for_s`, and ends once it has not held
    for `end_s` or the face has been away as long. A face has at most one event of a rule at a time.

    Args:
        rules: names must be unique.

    Example:
        >>> from realtime.core.faces import Faces, FrameResult
        >>> from realtime.events.rules import Person
        >>> import numpy as np
        >>> engine = EventEngine([Person(for_s=0.2)])
        >>> face = Faces.from_boxes([[0, 0, 9, 9]]).with_(track_id=np.array([7]))
        >>> for time_s in (0.0, 0.1, 0.2, 0.3):
        ...     for event in engine.update(FrameResult(face, (90, 90), time_s)):
        ...         print(event.time_s, event.kind, event.phase, event.track_id)
        0.2 person start 7
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = {rule.label: rule for rule in rules}
        self._conditions: dict[tuple[str, int], _Condition] = {}
        self._count = 0

    @property
    def active(self) -> list[Event]:
        """The starts of all events that have not ended yet."""
        return [c.event for c in self._conditions.values() if c.event is not None]

    def set_rules(self, rules: Sequence[Rule], now_s: float) -> list[Event]:
        """Replace the rules from now on; events of rules that are gone or changed end."""
        fresh = {rule.label: rule for rule in rules}
        kept = {name for name, rule in self._rules.items() if fresh.get(name) == rule}
        ended = list(self._end_all(now_s, [key for key in self._conditions if key[0] not in kept]))
        self._rules = fresh
        return ended

    def update(self, result: FrameResult) -> list[Event]:
        """Take the next frame's result; its time must not decrease.

        Returns:
            The events that this frame starts or ends, in the order of the rules and faces.
        """
        faces, now_s = result.faces, result.time_s
        tracks = [] if faces.track_id is None else faces.track_id.tolist()  # None without faces
        row_of = {track: i for i, track in enumerate(tracks)}
        events: list[Event] = []
        for name, rule in self._rules.items():
            for track, i in row_of.items():
                events += self._judge((name, track), rule, faces, i, now_s)
        for key in [key for key in self._conditions if key[1] not in row_of]:
            events += self._absent(key, now_s)
        return events

    def end(self, now_s: float) -> list[Event]:
        """End all events, because the stream has ended or is interrupted."""
        return list(self._end_all(now_s, list(self._conditions)))

    def _judge(
        self, key: tuple[str, int], rule: Rule, faces: Faces, i: int, now_s: float
    ) -> Iterator[Event]:
        state, before = rule.judge(faces, i), self._conditions.get(key)
        if before is not None and before.event is not None:
            yield from self._go_on(key, before, state, rule, now_s)
            return
        if state is State.HOLDS:
            gap = before is None or now_s - before.held_s > MAX_GAP_S
            since_s = now_s if before is None or gap else before.since_s
            event = None
            if now_s - since_s >= rule.for_s:
                event = self._start(key, rule, since_s, now_s, rule.details(faces, i))
                yield event
            self._conditions[key] = _Condition(since_s, now_s, event)
        elif before is not None and (state is State.ENDED or now_s - before.held_s > MAX_GAP_S):
            del self._conditions[key]

    def _go_on(
        self, key: tuple[str, int], before: _Condition, state: State, rule: Rule, now_s: float
    ) -> Iterator[Event]:
        if state is not State.ENDED:
            self._conditions[key] = replace(before, held_s=now_s)
        elif now_s - before.held_s >= rule.end_s:
            yield self._finish(key, now_s, EndReason.CHANGED)

    def _absent(self, key: tuple[str, int], now_s: float) -> Iterator[Event]:
        condition = self._conditions[key]
        if condition.event is None:
            if now_s - condition.held_s > MAX_GAP_S:
                del self._conditions[key]
        elif now_s - condition.held_s >= self._rules[key[0]].end_s:
            yield self._finish(key, now_s, EndReason.GONE)

    def _end_all(self, now_s: float, keys: Sequence[tuple[str, int]]) -> Iterator[Event]:
        for key in keys:
            if self._conditions[key].event is None:
                del self._conditions[key]
            else:
                yield self._finish(key, now_s, EndReason.STOPPED)

    def _start(
        self, key: tuple[str, int], rule: Rule, since_s: float, now_s: float, seen: dict[str, Any]
    ) -> Event:
        self._count += 1
        return Event(
            rule=key[0], kind=rule.kind, number=self._count, phase=Phase.START, track_id=key[1],
            since_s=since_s, time_s=now_s, details=seen,
        )  # fmt: skip

    def _finish(self, key: tuple[str, int], now_s: float, reason: EndReason) -> Event:
        started = self._conditions.pop(key).event
        assert started is not None
        details = {k: v for k, v in started.details.items() if k != "box"}
        return replace(started, phase=Phase.END, time_s=now_s, reason=reason, details=details)
