"""Run a waitress server until it is asked to stop, and let it finish what it has begun."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

from waitress import create_server, wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer

DRAIN_S = 5.0  # service managers kill what takes longer than ten


class DrainingServer:
    """A waitress server that ends gracefully; waitress itself drops responses not yet sent.

    Takes over SIGTERM and SIGINT, so create it in the main thread.

    Args:
        app: the WSGI application.
        options: waitress's, such as `host`, `port` and `threads`.

    Raises:
        OSError: the address cannot be used.
    """

    def __init__(self, app: Callable[..., Any], **options: Any) -> None:
        self._sockets: dict[int, Any] = {}
        self._server = create_server(app, map=self._sockets, **options)
        self._stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def run(self, *, drain_s: float = DRAIN_S) -> None:
        """Serve until SIGTERM or SIGINT; then accept no more and answer what has arrived.

        Args:
            drain_s: seconds after which unfinished requests are dropped.
        """
        while not self._stopping:
            self._poll()
        for each in [s for s in self._sockets.values() if isinstance(s, BaseWSGIServer)]:
            wasyncore.dispatcher.close(each)  # its own close() ends the thread's wake-up calls too
        deadline_s = time.monotonic() + drain_s
        while self._busy() and time.monotonic() < deadline_s:
            self._poll(0.1)

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _poll(self, timeout_s: float = 0.5) -> None:
        wasyncore.loop(timeout=timeout_s, map=self._sockets, count=1)

    def _busy(self) -> bool:
        """Whether a request is being received, analysed or answered."""
        channels = [s for s in self._sockets.values() if isinstance(s, HTTPChannel)]
        return any(c.request or c.requests or c.total_outbufs_len for c in channels)
