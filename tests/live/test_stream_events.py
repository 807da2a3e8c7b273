"""Events of a live stream: what is kept, and what leaves the server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from realtime.events.event import EndReason, Message, Phase
from realtime.events.rules import RULES, MaskMissing, Person
from realtime.events.sinks.stats import SinkStats
from realtime.live.stream_events import StreamEvents, operator_listens, shared_operator_sinks
from realtime.ui.live.event_texts import MAX_LISTED, event_text, events_html
from tests.events.builders import masks, people, sample_message


class ListSink:
    """Keeps what it is offered."""

    name = "list"

    def __init__(self) -> None:
        self.stats = SinkStats()
        self.messages: list[Message] = []

    def offer(self, message: Message) -> None:
        self.messages.append(message)

    def set_online(self, online: bool) -> None: ...

    def close(self, timeout_s: float) -> None: ...


def test_events_are_kept_and_can_be_downloaded() -> None:
    events = StreamEvents(clock=lambda: 100.0, sinks=list)
    events.rules = [MaskMissing(for_s=1)]
    for k in range(20):
        events.offer(masks(90 + k / 10, {1: "without_mask"}))
    events.offer(None)
    events.end()
    events.end()
    lines = [json.loads(line) for line in events.json_lines().splitlines()]
    assert [(e["phase"], e["time_s"]) for e in lines] == [("start", 1.0), ("end", 10.0)]
    assert lines[0]["id"] == lines[1]["id"]


def test_without_rules_there_are_no_events() -> None:
    events = StreamEvents(sinks=list)
    events.offer(people(0, [1]))
    events.rules = [Person(for_s=0)]
    events.offer(people(1, [1]))
    events.rules = []
    assert [m.event.phase for m in events.latest] == [Phase.START, Phase.END]


def test_nothing_leaves_the_server_unless_the_viewer_says_so() -> None:
    sink = ListSink()
    events = StreamEvents(clock=lambda: 0.0, sinks=lambda: [sink])
    events.rules = [Person(for_s=0)]
    events.offer(people(0, [1]))
    assert (len(events.latest), sink.messages) == (1, [])
    events.sends = True
    events.offer(people(0.1, [1, 2]))
    assert [m.event.track_id for m in sink.messages] == [2]


def test_the_number_of_kept_events_is_limited() -> None:
    events = StreamEvents(clock=lambda: 0.0, sinks=list)
    events.rules = [Person(for_s=0, end_s=0)]
    events.offer(people(0, range(1500)))
    assert (len(events.latest), events.dropped) == (1000, 500)


def test_an_operator_s_mistake_does_not_end_a_stream(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert not operator_listens()
    monkeypatch.setenv("FACESTREAM_WEBHOOK_URL", "file:///etc/passwd")
    assert operator_listens()
    shared_operator_sinks.cache_clear()
    try:
        assert shared_operator_sinks() == ()
    finally:
        shared_operator_sinks.cache_clear()
    assert "http:// or https://" in caplog.text


def test_the_list_shows_the_latest_first_and_what_lasts_in_bold() -> None:
    messages = [sample_message(n, phase) for n in range(1, 9) for phase in Phase]
    html = events_html([*messages, sample_message(9)])
    assert html.count("<li>") == MAX_LISTED
    assert html.index("no mask for 3.0 s") < html.index("no longer without mask")
    assert html.count('class="on"') == 1
    assert "22:13:25" in html


@pytest.mark.parametrize("kind", RULES)
@pytest.mark.parametrize("reason", [None, *EndReason])
def test_every_kind_of_event_has_words(kind: str, reason: EndReason | None) -> None:
    event = replace(
        sample_message().event,
        kind=kind,
        phase=Phase.END if reason else Phase.START,
        reason=reason,
        details={"label": "happy", "attribute": "mask"},
    )
    text = event_text(event)
    assert text.startswith("Face 3")
    assert "None" not in text
    assert kind not in text or kind == "unsure"
