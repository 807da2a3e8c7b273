"""Debian's MQTT broker mosquitto on this machine, for benchmarks and tests."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

START_S = 30.0


def mosquitto_path() -> str | None:
    """The path of mosquitto; None if it is not installed."""
    return shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@dataclass(slots=True)
class Mosquitto:
    """A broker on a port of its own; it can be stopped and started again.

    Attributes:
        folder: for its configuration.
        options: further lines of that.
        port: where it listens.
    """

    folder: Path
    options: str = "allow_anonymous true"
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers.

        Raises:
            RuntimeError: it is not installed or does not answer.
        """
        path = mosquitto_path()
        if path is None:
            raise RuntimeError("mosquitto was not found: apt-get install mosquitto")
        self.port = self.port or _free_port()
        config = self.folder / "mosquitto.conf"
        config.write_text(f"listener {self.port} 127.0.0.1\n{self.options}\nuser root\n")
        self._process = subprocess.Popen(
            [path, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > deadline_s:
                raise RuntimeError("mosquitto does not answer")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    @property
    def address(self) -> str:
        """Its address, without a topic."""
        return f"mqtt://127.0.0.1:{self.port}"

    def _answers(self) -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", self.port)) == 0


@dataclass(slots=True)
class Subscriber:
    """Collects all that a broker publishes, in a thread of its own.

    Attributes:
        received: topic, text, whether it was retained, and when it arrived.
    """

    port: int
    received: list[tuple[str, str, bool, float]] = field(default_factory=list)
    _ready: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Subscribe.

        Raises:
            RuntimeError: the broker does not answer.
        """
        threading.Thread(target=lambda: asyncio.run(self._read()), daemon=True).start()
        if not self._ready.wait(START_S):
            raise RuntimeError("mosquitto accepts no subscription")

    def last(self, topic: str) -> str | None:
        """The latest text on a topic."""
        return next((text for t, text, *_ in reversed(self.received) if t == topic), None)

    async def _read(self) -> None:
        from aiomqtt import Client, MqttError

        with suppress(MqttError):  # the broker has ended
            async with Client("127.0.0.1", self.port) as client:
                await client.subscribe("#", qos=1)
                self._ready.set()
                async for message in client.messages:
                    assert isinstance(message.payload, bytes)
                    text, now_s = message.payload.decode(), time.monotonic()
                    self.received.append((str(message.topic), text, bool(message.retain), now_s))


@contextmanager
def running_broker(folder: Path) -> Iterator[Mosquitto]:
    """Run a broker until the context exits."""
    broker = Mosquitto(folder)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()


def _free_port() -> int:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return int(server.getsockname()[1])
