"""MQTT, against Debian's mosquitto."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.mqtt_broker import Mosquitto, Subscriber, mosquitto_path, running_broker
from realtime.events.event import Phase
from realtime.events.sinks import mqtt
from realtime.events.sinks.mqtt import MqttSink
from realtime.events.sinks.mqtt_address import read_broker
from realtime.events.sinks.types import SinkError
from tests.conftest import ROOT, require_or_skip
from tests.events.builders import Sentences, sample_message, sink_context

WAIT_S = 30.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    if mosquitto_path() is None:
        require_or_skip("mosquitto was not found: apt-get install mosquitto")
    with running_broker(tmp_path) as broker:
        yield broker


def subscribe(broker: Mosquitto) -> Subscriber:
    subscriber = Subscriber(broker.port)
    subscriber.start()
    return subscriber


def wait_for(condition: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def test_events_states_and_availability(broker: Mosquitto) -> None:
    seen = subscribe(broker)
    sink = MqttSink(f"{broker.address}/home", sink_context())
    sink.set_online(True)
    wait_for(lambda: seen.last("home/door/status") == "online")
    assert seen.last("home/door/state/mask_missing") == "OFF"
    sink.offer(sample_message(1))
    sink.offer(sample_message(2))  # a second face
    wait_for(lambda: seen.last("home/door/state/mask_missing") == "ON")
    sink.offer(sample_message(1, Phase.END))
    sink.offer(sample_message(2, Phase.END))
    wait_for(lambda: seen.last("home/door/state/mask_missing") == "OFF")
    events = [json.loads(p) for t, p, *_ in seen.received if t == "home/door/event/mask_missing"]
    assert [(e["id"], e["phase"]) for e in events] == [
        ("test-1", "start"),
        ("test-2", "start"),
        ("test-1", "end"),
        ("test-2", "end"),
    ]
    sink.set_online(False)
    wait_for(lambda: seen.last("home/door/status") == "offline")
    sink.close(WAIT_S)
    assert sink.stats.delivered == 4
    states = [p for t, p, *_ in seen.received if t == "home/door/state/mask_missing"]
    assert states.count("ON") == 1  # no repeats


def test_home_assistant_finds_a_sensor_for_each_rule(broker: Mosquitto) -> None:
    sink = MqttSink(broker.address, sink_context(discovery="homeassistant"))
    before = subscribe(broker)
    sink.set_online(True)
    wait_for(lambda: before.last("facestream/door/status") == "online")
    sink.close(WAIT_S)
    seen = subscribe(broker)  # afterwards: what it needs is retained
    topic = "homeassistant/binary_sensor/facestream_door/mask_missing/config"
    wait_for(lambda: seen.last(topic))
    config = json.loads(seen.last(topic) or "")
    assert config["device_class"] == "problem"
    assert config["device"]["name"] == "door"
    assert seen.last(config["state_topic"]) == "OFF"
    assert seen.last(config["availability_topic"]) == "offline"
    assert all(retained for _, _, retained, _ in seen.received)


def test_a_lost_connection_is_a_last_will_and_made_again(
    broker: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mqtt, "FIRST_PAUSE_S", 0.1)
    said = Sentences()
    sink = MqttSink(broker.address, sink_context(said))
    sink.set_online(True)
    sink.offer(sample_message(1))
    wait_for(lambda: sink.stats.delivered == 1)
    broker.stop()
    wait_for(lambda: said)
    sink.offer(sample_message(2))  # waits for the broker
    broker.start()
    seen = subscribe(broker)
    wait_for(lambda: sink.stats.delivered == 2)
    wait_for(lambda: seen.last("facestream/door/state/mask_missing") == "ON")
    wait_for(lambda: seen.last("facestream/door/status") == "online")
    sink.close(WAIT_S)
    assert said[0].startswith("MQTT 127.0.0.1: not connected")
    assert said[1] == "MQTT 127.0.0.1: connected again."


def test_the_last_will_says_that_the_program_is_gone(broker: Mosquitto) -> None:
    seen = subscribe(broker)
    code = (
        "import time; from realtime.events.sinks.mqtt import MqttSink; "
        "from tests.events.builders import sink_context; "
        f"MqttSink({broker.address!r}, sink_context()).set_online(True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) as process:
        wait_for(lambda: seen.last("facestream/door/status") == "online")
        process.kill()
    wait_for(lambda: seen.last("facestream/door/status") == "offline")


def test_without_a_broker_nobody_waits_and_the_oldest_are_dropped() -> None:
    said = Sentences()
    sink = MqttSink("mqtt://127.0.0.1:9", sink_context(said), timeout_s=1, capacity=10)
    for number in range(100):
        sink.offer(sample_message(number))
    wait_for(lambda: said)
    sink.close(1)
    assert sink.stats.dropped == 100
    assert sink.stats.delivered == 0


def test_a_password_from_the_environment(broker: Mosquitto) -> None:
    tool = shutil.which("mosquitto_passwd")
    if tool is None:
        require_or_skip("mosquitto_passwd was not found: apt-get install mosquitto")
    broker.stop()
    passwords = broker.folder / "passwords"
    subprocess.run([tool, "-b", "-c", passwords, "me", "right"], check=True, capture_output=True)
    passwords.chmod(0o644)
    broker.options = f"allow_anonymous false\npassword_file {passwords}"
    broker.start()
    address = f"mqtt://me@127.0.0.1:{broker.port}"
    for password, delivered in (("right", 1), ("wrong", 0)):
        said = Sentences()
        environ = {"FACESTREAM_MQTT_PASSWORD": password}
        sink = MqttSink(address, sink_context(said, environ=environ))
        sink.offer(sample_message())
        wait_for(lambda sink=sink, said=said: sink.stats.delivered or said)
        sink.close(2)
        assert sink.stats.delivered == delivered
        assert ("Not authorized" in "".join(said)) != bool(delivered)


@pytest.mark.parametrize(
    "address", ["http://x", "mqtt://", "mqtt://a:b@c", "mqtt://a/x/#", "mqtt://a:b", "broker"]
)
def test_addresses_that_are_refused(address: str) -> None:
    with pytest.raises(SinkError):
        read_broker(address, {})


def test_the_parts_of_an_address() -> None:
    broker = read_broker("mqtts://me@broker/home/cameras", {"FACESTREAM_MQTT_PASSWORD": "x"})
    assert (broker.host, broker.port, broker.user, broker.password) == ("broker", 8883, "me", "x")
    assert broker.prefix == "home/cameras"
    assert broker.tls_context() is not None
    assert read_broker("mqtt://broker", {}).tls_context() is None
