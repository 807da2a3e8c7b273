"""When events start and end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.answers import Doubt
from realtime.core.faces import Faces, FrameResult
from realtime.events.engine import MAX_GAP_S, EventEngine
from realtime.events.event import EndReason, Event, Phase
from realtime.events.rules import EmotionAbove, MaskMissing, Person, Rule, UnsureTooLong
from tests.events.builders import emotion, masks, people

NO, YES, UNSURE = "without_mask", "with_mask", "unsure"


def run(rule: Rule, frames: Iterable[FrameResult]) -> list[tuple[float, str]]:
    engine = EventEngine([rule])
    events = [event for frame in frames for event in engine.update(frame)]
    return [(event.time_s, event.phase.value) for event in events]


def at_10_fps(*labels: str) -> list[FrameResult]:
    return [masks(k / 10, {1: label}) for k, label in enumerate(labels)]


def test_a_missing_mask_is_an_event_after_its_time_and_not_again() -> None:
    frames = at_10_fps(*[NO] * 60)
    assert run(MaskMissing(for_s=3), frames) == [(3.0, "start")]


def test_it_ends_once_the_mask_has_been_on_for_long_enough() -> None:
    frames = at_10_fps(*[NO] * 11, *[YES] * 20)
    assert run(MaskMissing(for_s=1, end_s=1), frames) == [(1.0, "start"), (2.0, "end")]


def test_a_mask_in_between_begins_the_time_again() -> None:
    frames = at_10_fps(*[NO] * 9, YES, *[NO] * 9)
    assert run(MaskMissing(for_s=1), frames) == []


def test_a_short_change_does_not_end_an_event() -> None:
    frames = at_10_fps(*[NO] * 11, *[YES] * 5, *[NO] * 20)
    assert run(MaskMissing(for_s=1, end_s=1), frames) == [(1.0, "start")]


def test_unsure_frames_neither_start_nor_end() -> None:
    assert run(MaskMissing(for_s=1), at_10_fps(*[UNSURE] * 50)) == []
    assert run(MaskMissing(for_s=1), at_10_fps(*[NO] * 11, *[UNSURE] * 50)) == [(1.0, "start")]
    # Seen without mask for a moment, then unsure for long: nobody knows about the time between.
    frames = at_10_fps(NO, *[UNSURE] * 30, NO)
    assert run(MaskMissing(for_s=1), frames) == []


def test_an_incorrect_mask_counts_only_if_asked_for() -> None:
    frames = at_10_fps(*["incorrect"] * 20)
    assert run(MaskMissing(for_s=1), frames) == []
    assert run(MaskMissing(for_s=1, incorrect=True), frames) == [(1.0, "start")]


def test_people_appear_and_leave_each_by_themselves() -> None:
    frames = [people(k / 10, [1] if k < 20 else [1, 2] if k < 30 else [2]) for k in range(60)]
    engine = EventEngine([Person(for_s=0.5, end_s=2)])
    events = [e for frame in frames for e in engine.update(frame)]
    assert [(e.track_id, e.phase.value, e.time_s) for e in events] == [
        (1, "start", 0.5),
        (2, "start", 2.5),
        (1, "end", 4.9),  # last seen at 2.9
    ]
    assert events[-1].reason is EndReason.GONE
    assert [e.track_id for e in engine.active] == [2]


def test_the_last_person_leaves() -> None:
    nobody = FrameResult(Faces.empty(), (640, 480), 1.0)  # as the pipeline has it, without tracks
    engine = EventEngine([Person(for_s=0, end_s=0.5)])
    engine.update(people(0, [1]))
    (event,) = engine.update(nobody)
    assert (event.phase, event.reason) == (Phase.END, EndReason.GONE)


def test_an_emotion_has_a_lower_threshold_for_its_end() -> None:
    rule = EmotionAbove(emotion="happy", threshold=0.7, release=0.1, for_s=1, end_s=0.5)
    over = [emotion(k / 10, 0.75) for k in range(11)]
    wavering = [emotion(1.1 + k / 10, 0.65 if k % 2 else 0.75) for k in range(30)]
    under = [emotion(4.1 + k / 10, 0.5) for k in range(10)]
    assert run(rule, [*over, *wavering]) == [(1.0, "start")]
    assert [phase for _, phase in run(rule, [*over, *wavering, *under])] == ["start", "end"]


def test_an_unsure_emotion_is_not_over_a_threshold() -> None:
    frames = [emotion(k / 10, 0.9, doubt=Doubt.SMALL) for k in range(50)]
    assert run(EmotionAbove(emotion="happy", for_s=1), frames) == []


def test_unsure_for_too_long() -> None:
    frames = at_10_fps(*[UNSURE] * 31, *[YES] * 11)
    rule = UnsureTooLong(attribute="mask", for_s=3, end_s=1)
    assert run(rule, frames) == [(3.0, "start"), (4.0, "end")]
    engine = EventEngine([rule])
    (event,) = [e for frame in frames for e in engine.update(frame) if e.phase is Phase.START]
    assert event.details["doubts"] == ["blurred"]


def test_nothing_is_known_of_the_time_without_frames() -> None:
    before = [masks(k / 10, {1: NO}) for k in range(5)]
    after = [masks(60 + k / 10, {1: NO}) for k in range(5)]
    assert run(MaskMissing(for_s=3), [*before, *after]) == []


def test_slow_cameras_have_events_too() -> None:
    frames = [masks(k * 1.5, {1: NO}) for k in range(4)]
    assert run(MaskMissing(for_s=3), frames) == [(3.0, "start")]


def test_the_end_of_the_stream_ends_all_events() -> None:
    engine = EventEngine([Person(for_s=0)])
    engine.update(people(0, [1, 2]))
    ended = engine.end(1.0)
    assert [(e.track_id, e.reason) for e in ended] == [
        (1, EndReason.STOPPED),
        (2, EndReason.STOPPED),
    ]
    assert engine.end(2.0) == []


def test_changed_rules_end_their_events_and_keep_the_others() -> None:
    engine = EventEngine([Person(for_s=0), MaskMissing(for_s=0)])
    assert len(engine.update(masks(0, {1: NO}))) == 2
    (ended,) = engine.set_rules([Person(for_s=0), MaskMissing(for_s=5)], 1.0)
    assert (ended.kind, ended.phase) == ("mask_missing", Phase.END)
    assert engine.update(masks(1.1, {1: NO})) == []


@pytest.mark.parametrize("rule", [Person(), MaskMissing(), EmotionAbove(), UnsureTooLong()])
def test_faces_of_which_nothing_is_known_are_no_error(rule: Rule) -> None:
    run(rule, [people(k / 10, [1]) for k in range(20)])
    run(rule, [people(k / 10, []) for k in range(5)])


STEPS = st.lists(
    st.tuples(
        st.floats(0, 3, allow_nan=False),
        st.dictionaries(
            st.integers(1, 3), st.sampled_from([NO, YES, UNSURE, "incorrect"]), max_size=3
        ),
    ),
    max_size=60,
)


@given(STEPS, st.floats(0, 4), st.floats(0, 4))
def test_events_alternate_and_are_earned(
    steps: list[tuple[float, dict[int, str]]], for_s: float, end_s: float
) -> None:
    engine = EventEngine([MaskMissing(for_s=for_s, end_s=end_s), Person(for_s=for_s, end_s=end_s)])
    now_s, seen, events = 0.0, dict[int, list[tuple[float, str]]](), list[Event]()
    for step_s, labels in steps:
        now_s += step_s
        for track in (1, 2, 3):
            seen.setdefault(track, []).append((now_s, labels.get(track, "absent")))
        new = engine.update(masks(now_s, labels))
        assert all(event.time_s == now_s for event in new)
        events += new
    events += engine.end(now_s)
    assert engine.active == []

    by_face = defaultdict[tuple[str, int], list[Event]](list)
    for event in events:
        by_face[event.rule, event.track_id].append(event)
    for own in by_face.values():
        assert [e.phase for e in own] == [Phase.START, Phase.END] * (len(own) // 2)
        for start, end in zip(own[::2], own[1::2], strict=True):
            assert start.number == end.number
            assert start.duration_s >= for_s
            assert end.time_s >= start.time_s
    for event in events:
        if event.rule == "mask_missing" and event.phase is Phase.START:
            during = [s for s in seen[event.track_id] if event.since_s <= s[0] <= event.time_s]
            assert YES not in [label for t, label in during if t > event.since_s]
            held = [t for t, label in during if label == NO]
            assert held[-1] == event.time_s
            assert all(b - a <= MAX_GAP_S for a, b in pairwise(held))
    numbers = [event.number for event in events if event.phase is Phase.START]
    assert numbers == sorted(set(numbers))
