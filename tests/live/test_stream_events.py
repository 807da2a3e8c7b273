"""Events of a live stream: what is kept, and what leaves the server."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from realtime.config import settings
from realtime.core.settings import AnalysisSettings
from realtime.events.event import EndReason, Message, Phase
from realtime.events.rules import RULES, EmotionAbove, MaskMissing, Person
from realtime.events.sinks.stats import SinkStats
from realtime.live.frame_processor import StreamSettings
from realtime.live.stream_events import StreamEvents, operator_listens, shared_operator_sinks
from realtime.ui.live.event_texts import MAX_LISTED, event_text, events_html
from tests.events.builders import masks, people, sample_message
from tests.live import stubs
from tests.live.rig import Rig, run, until


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
    settings.cache_clear()
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


def script() -> None:
    import streamlit as st

    from realtime.live.live_track import LiveTrack
    from realtime.live.webrtc import LiveStream
    from realtime.ui.live.events import event_tools

    track = st.session_state.setdefault("track", LiveTrack())
    event_tools(LiveStream(track, False, False, None))


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_function(script, default_timeout=60).run()


def test_the_viewer_chooses_rules(page: AppTest) -> None:
    track = page.session_state["track"]
    assert track.events.rules == ()
    page.button_group[0].set_value(["mask_missing", "emotion"]).run()
    assert not page.exception
    assert track.events.rules == (MaskMissing(), EmotionAbove())
    page.number_input[0].set_value(10.0).run()
    page.selectbox[0].set_value("sad").run()
    assert track.events.rules == (MaskMissing(for_s=10), EmotionAbove(emotion="sad"))
    assert [toggle.label for toggle in page.toggle] == []


def test_a_rule_whose_attribute_is_off_is_explained(page: AppTest) -> None:
    track = page.session_state["track"]
    track.settings = StreamSettings(analysis=AnalysisSettings(attributes=frozenset()))
    page.button_group[0].set_value(["mask_missing"]).run()
    assert page.caption[0].value == "Turn on “Masks” to get all of these events."


def test_the_operator_s_switch_is_off_until_the_viewer_turns_it_on(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACESTREAM_WEBHOOK_URL", "http://127.0.0.1:9/")
    settings.cache_clear()
    page.run()
    assert not page.session_state["track"].events.sends
    page.toggle[0].set_value(True).run()
    assert page.session_state["track"].events.sends


def test_the_results_of_a_stream_become_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stubs, "FACE", stubs.FACE.with_(track_id=np.array([4])))

    async def scenario() -> None:
        rig = Rig()
        rig.track.events.rules = [Person(for_s=0)]
        await rig.send_and_receive()
        await until(lambda: len(rig.track.events.latest) == 1)
        rig.track.stop()
        await until(lambda: len(rig.track.events.latest) == 2)
        assert [m.event.track_id for m in rig.track.events.latest] == [4, 4]

    run(scenario())
