"""Frames' results, messages and stream contexts for the tests of events."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import Doubt
from realtime.core.faces import FrameResult
from realtime.events.event import EndReason, Event, Message, Phase, StreamClock, message
from realtime.events.rules import DEFAULT_RULES, Rule
from realtime.events.sinks.types import SinkContext
from tests.builders import answers, tracked_faces

SECRET = "a secret of the tests"
CLOCK = StreamClock(start_s=0.0, start_unix_s=1_700_000_000.0)


def masks(time_s: float, labels: Mapping[int, str]) -> FrameResult:
    """A frame with one face per track and these mask labels; "unsure" is one too."""
    prob, doubts = [], []
    for label in labels.values():
        sure = label if label in MASK.labels else "without_mask"
        prob.append([0.9 if name == sure else 0.05 for name in MASK.labels])
        doubts.append(0 if label in MASK.labels else int(Doubt.BLURRED))
    faces = tracked_faces(list(labels), mask=answers(MASK, prob, doubts=doubts))
    return FrameResult(faces, (640, 480), time_s)


def emotion(time_s: float, happy: float, *, doubt: Doubt | None = None) -> FrameResult:
    """A frame with face 1, happy with this probability."""
    rest = (1 - happy) / (len(EMOTION.labels) - 1)
    prob = [[happy if name == "happy" else rest for name in EMOTION.labels]]
    faces = tracked_faces([1], emotion=answers(EMOTION, prob, doubts=[int(doubt or 0)]))
    return FrameResult(faces, (640, 480), time_s)


def people(time_s: float, tracks: Sequence[int]) -> FrameResult:
    """A frame with these tracks, of which nothing is known."""
    return FrameResult(tracked_faces(tracks), (640, 480), time_s)


def sample_message(
    number: int = 1, phase: Phase = Phase.START, *, rule: str = "mask_missing", time_s: float = 5.0
) -> Message:
    """A message that a sink might be offered."""
    event = Event(
        rule=rule,
        kind="mask_missing",
        number=number,
        phase=phase,
        track_id=3,
        since_s=2.0,
        time_s=time_s,
        reason=None if phase is Phase.START else EndReason.CHANGED,
        details={"label": "without_mask", "prob": 0.98},
    )
    return message(event, source="door", stream="test", clock=CLOCK)


class Sentences(list[str]):
    """What a sink has reported."""

    def __call__(self, sentence: str) -> None:
        self.append(sentence)


def sink_context(
    report: Sentences | None = None,
    *,
    rules: Sequence[Rule] = DEFAULT_RULES,
    environ: Mapping[str, str] | None = None,
    source: str = "door",
    discovery: str = "",
) -> SinkContext:
    """The context of a stream named "door"."""
    return SinkContext(
        source=source,
        rules=rules,
        environ={"FACESTREAM_WEBHOOK_SECRET": SECRET} if environ is None else environ,
        report=Sentences() if report is None else report,
        clock=time.monotonic,
        discovery=discovery,
    )
