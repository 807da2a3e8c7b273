"""MQTT: events, one on-off state per rule, and whether the camera is there.

Topics below PREFIX/SOURCE: `status` (online, offline; retained, and the connection's last will),
`state/RULE` (ON while an event of the rule lasts; retained) and `event/RULE` (each event as JSON).
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from realtime.core.threads import lower_priority, name_thread
from realtime.events.event import Message, Phase
from realtime.events.sinks.home_assistant import discovery_messages, slug
from realtime.events.sinks.mqtt_address import read_broker
from realtime.events.sinks.stats import SinkStats
from realtime.events.sinks.types import SinkContext

if TYPE_CHECKING:  # of the extra `events`
    import aiomqtt

TIMEOUT_S = 5.0  # to connect, and for the broker's answer to each message
KEEPALIVE_S = 15  # the broker publishes the last will after one and a half times this silence
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
AT_LEAST_ONCE = 1
ONLINE, OFFLINE = "online", "offline"
_LOGGER = logging.getLogger(__name__)


class MqttSink:
    """Implements `Sink`; its connection lives in an event loop in a thread of its own.

    Args:
        address: see `read_broker`.
        context: of the stream; its environment has the password.
        timeout_s: time limit for connecting and for each answer.
        capacity: events that may wait for a connection.

    Raises:
        SinkError: the address is invalid.
    """

    def __init__(
        self,
        address: str,
        context: SinkContext,
        *,
        timeout_s: float = TIMEOUT_S,
        capacity: int = 1000,
    ) -> None:
        self._broker = read_broker(address, context.environ)
        self.name = f"MQTT {self._broker.host}"
        self.stats = SinkStats()
        self._context, self._timeout_s, self._capacity = context, timeout_s, capacity
        self._base = f"{self._broker.prefix}/{slug(context.source)}"
        # All that follows belongs to the loop's thread.
        self._pending = deque[Message]()
        self._active: dict[str, set[str]] = {rule.label: set() for rule in context.rules}
        self._states_due: set[str] = set()
        self._online = False
        self._status_due = False
        self._stopping = False
        self._connected: bool | None = None
        self._loop = asyncio.SelectorEventLoop()  # Windows' own has no readers
        self._wake = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="facestream-mqtt", daemon=True)
        self._thread.start()

    def offer(self, message: Message) -> None:
        """See `Sink`."""
        self._call(self._accept, message)

    def set_online(self, online: bool) -> None:
        """See `Sink`."""
        self._call(self._set_online, online)

    def close(self, timeout_s: float) -> None:
        """See `Sink`."""
        deadline_s = time.monotonic() + timeout_s
        self._call(self._stop)
        self._thread.join(timeout_s)
        if self._thread.is_alive():  # without a connection
            self._call(self._drop_all)
            self._thread.join(max(0.5, deadline_s - time.monotonic()))

    # For the loop's thread.
    def _run(self) -> None:
        name_thread("facestream-mqtt")
        lower_priority()
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._stay_connected())
        finally:
            self._loop.close()

    async def _stay_connected(self) -> None:
        from aiomqtt import MqttError

        pause_s = FIRST_PAUSE_S
        while not (self._stopping and not self._pending):
            try:
                async with self._client() as client:
                    pause_s = FIRST_PAUSE_S
                    self._note_connection(None)
                    await self._serve(client)
                    return
            except (MqttError, OSError) as error:
                self.stats.fail()
                self._note_connection(error)
            # Events are no reason to try again earlier; the end of the stream is.
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    while not self._stopping:
                        await self._woken()
            if self._stopping and self._connected is False:
                return self._drop_all()
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _client(self) -> aiomqtt.Client:
        from aiomqtt import Client, Will

        broker = self._broker
        return Client(
            broker.host,
            broker.port,
            username=broker.user,
            password=broker.password,
            tls_context=broker.tls_context(),
            will=Will(f"{self._base}/status", OFFLINE, AT_LEAST_ONCE, retain=True),
            keepalive=KEEPALIVE_S,
            timeout=self._timeout_s,
            logger=_LOGGER,
        )

    async def _serve(self, client: aiomqtt.Client) -> None:
        """Publish until the stream ends; raise once the connection is lost."""
        for topic, payload in discovery_messages(self._context, self._base):
            await self._publish(client, topic, payload, retain=True)
        self._status_due, self._states_due = True, set(self._active)
        sending = asyncio.create_task(self._send(client))
        listening = asyncio.create_task(_listen(client))  # notices that the connection is lost
        tasks = (sending, listening)
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, client: aiomqtt.Client) -> None:
        while True:
            while self._pending:
                await self._send_event(client, self._pending[0])
            for rule in sorted(self._states_due):
                state = "ON" if self._active[rule] else "OFF"
                self._states_due.discard(rule)
                await self._publish(client, f"{self._base}/state/{slug(rule)}", state, retain=True)
            if self._status_due:
                self._status_due = False
                status = ONLINE if self._online and not self._stopping else OFFLINE
                await self._publish(client, f"{self._base}/status", status, retain=True)
            if self._stopping and not self._pending:
                return
            if not (self._pending or self._states_due or self._status_due):
                await self._woken()

    async def _send_event(self, client: aiomqtt.Client, message: Message) -> None:
        topic = f"{self._base}/event/{slug(message.event.rule)}"
        await self._publish(client, topic, message.body)
        self.stats.arrived(self._context.clock() - message.event.time_s)
        if self._pending and self._pending[0] is message:  # it was not dropped meanwhile
            self._pending.popleft()

    @staticmethod
    async def _publish(
        client: aiomqtt.Client,
        topic: str,
        payload: bytes | str | dict[str, Any],
        *,
        retain: bool = False,
    ) -> None:
        text = json.dumps(payload, ensure_ascii=False) if isinstance(payload, dict) else payload
        await client.publish(topic, text, qos=AT_LEAST_ONCE, retain=retain)

    async def _woken(self) -> None:
        self._wake.clear()
        await self._wake.wait()

    def _accept(self, message: Message) -> None:
        event, key = message.event, str(message.record["id"])
        active = self._active.setdefault(event.rule, set())
        before = bool(active)
        if event.phase is Phase.START:
            active.add(key)
        else:
            active.discard(key)
        if bool(active) != before:
            self._states_due.add(event.rule)
        self._pending.append(message)
        if len(self._pending) > self._capacity:
            self._pending.popleft()
            self.stats.drop()

    def _set_online(self, online: bool) -> None:
        self._status_due |= online != self._online
        self._online = online

    def _stop(self) -> None:
        self._stopping = self._status_due = True

    def _drop_all(self) -> None:
        self.stats.drop(len(self._pending))
        self._pending.clear()
        self._stopping = True

    def _note_connection(self, error: Exception | None) -> None:
        connected = error is None
        if connected == self._connected:
            return
        if not connected:
            self._context.report(f"{self.name}: not connected ({error}); trying again.")
        elif self._connected is False:
            self._context.report(f"{self.name}: connected again.")
        self._connected = connected

    def _call(self, act: Callable[..., None], *values: Any) -> None:
        """Run a method in the loop's thread, from any thread, and wake the loop."""

        def run() -> None:
            act(*values)
            self._wake.set()

        with suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(run)


async def _listen(client: aiomqtt.Client) -> None:
    async for _ in client.messages:  # nothing is subscribed to
        pass
