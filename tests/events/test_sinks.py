"""What all sinks have in common, and JSON lines."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import pytest

from realtime.events.event import Phase
from realtime.events.sinks.lines import LinesSink, LineWriter
from realtime.events.sinks.queue import DroppingQueue, QueueThread
from realtime.events.sinks.registry import SINKS, operator_sinks
from realtime.events.sinks.stats import SinkStats
from realtime.events.sinks.types import SinkError
from tests.events.builders import Sentences, sample_message, sink_context


def test_a_message_as_json() -> None:
    assert sample_message().record == {
        "id": "test-1",
        "source": "door",
        "rule": "mask_missing",
        "kind": "mask_missing",
        "phase": "start",
        "time": "2023-11-14T22:13:25.000Z",
        "time_s": 5.0,
        "since": "2023-11-14T22:13:22.000Z",
        "duration_s": 3.0,
        "track_id": 3,
        "label": "without_mask",
        "prob": 0.98,
    }
    assert sample_message(phase=Phase.END).record["reason"] == "changed"
    assert sample_message().id != sample_message(phase=Phase.END).id


def test_lines_are_appended_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    for number in (1, 2):
        sink = LinesSink(str(path), sink_context())
        sink.offer(sample_message(number))
        sink.close(5)
        assert sink.stats.delivered == 1
    assert [json.loads(line)["id"] for line in path.read_text().splitlines()] == [
        "test-1",
        "test-2",
    ]


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="cannot be written: Is a directory"):
        LinesSink(str(tmp_path), sink_context())


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
def test_a_full_disk_is_told_once_and_counted() -> None:
    said = Sentences()
    sink = LinesSink("/dev/full", sink_context(said))
    for number in range(3):
        sink.offer(sample_message(number))
    sink.close(5)
    assert said == ["/dev/full cannot be written: No space left on device."]
    assert sink.stats.dropped == 3


def test_a_reader_that_stops_reading_holds_nobody_up(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        stats = SinkStats()
        lines = LineWriter(str(pipe), sink_context(), stats)
        for _ in range(3000):  # more than fit into the pipe and the queue
            lines.offer("x" * 100, 0.0)
        lines.close(0.1)
        assert stats.dropped >= 1000
    finally:
        os.close(reader)


def test_a_full_queue_drops_its_oldest() -> None:
    dropped = []
    queue = DroppingQueue[int](lambda: dropped.append(1), capacity=2)
    for item in range(5):
        queue.put(item)
    queue.close()
    assert (queue.get(), queue.get(), queue.get()) == (3, 4, None)
    assert len(dropped) == 3


def test_what_remains_at_the_end_is_dropped_and_counted() -> None:
    release, begun, dropped = threading.Event(), threading.Event(), []

    def deliver(_item: int) -> None:
        begun.set()
        release.wait(10)

    thread = QueueThread[int]("test", deliver, lambda: dropped.append(1))
    thread.put(0)
    assert begun.wait(5)
    for item in (1, 2, 3):
        thread.put(item)
    thread.close(0.05)
    assert len(dropped) == 3
    release.set()


def test_operators_choose_sinks_by_environment_alone() -> None:
    assert operator_sinks({}, sink_context()) == []
    secret = {"FACESTREAM_WEBHOOK_SECRET": "long enough for a test"}
    (sink,) = operator_sinks(
        {"FACESTREAM_WEBHOOK_URL": "http://127.0.0.1:9/", **secret}, sink_context()
    )
    assert sink.name == "webhook 127.0.0.1"
    sink.close(1)
    with pytest.raises(SinkError, match="FACESTREAM_WEBHOOK_SECRET is not set"):
        operator_sinks({"FACESTREAM_WEBHOOK_URL": "http://127.0.0.1:9/"}, sink_context())


def test_each_sink_is_an_option_of_its_own() -> None:
    assert len({entry.option for entry in SINKS}) == len(SINKS)
    assert [entry.option for entry in SINKS if not entry.variable] == ["events"]


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("realtime.events.sinks.registry.missing_packages", lambda names: names)
    entry = next(entry for entry in SINKS if entry.option == "mqtt")
    with pytest.raises(SinkError, match=r"--mqtt needs a package: make extra-events\."):
        entry.open("mqtt://localhost", sink_context())
