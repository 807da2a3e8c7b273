"""Bind the sockets of live streams to the ports of one range, so that a firewall can admit them.

aioice binds each to a random port and has no option for it.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
from types import SimpleNamespace
from typing import Any

from aioice import ice

from realtime.config.settings import PortRange


def install(ports: PortRange) -> None:
    """Use these ports for all connections made from now on.

    Each needs one for every address of this machine; with none free, aioice gathers no candidate
    and the page says that it cannot connect.
    """
    numbers = itertools.cycle(range(ports.first, ports.last + 1))
    count = ports.last - ports.first + 1

    def get_running_loop() -> Any:
        return _RangeLoop(asyncio.get_running_loop(), numbers, count)

    names = vars(asyncio) | {"get_running_loop": get_running_loop}
    vars(ice)["asyncio"] = SimpleNamespace(**names)


class _RangeLoop:
    """An event loop that gives out ports in turn, where it is asked for any free one."""

    def __init__(self, loop: asyncio.AbstractEventLoop, numbers: Any, count: int) -> None:
        self._loop, self._numbers, self._count = loop, numbers, count

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loop, name)

    async def create_datagram_endpoint(self, factory: Any, **options: Any) -> Any:
        """As of an event loop; raises OSError if all ports are taken."""
        host, port = options.pop("local_addr", (None, None))
        if port != 0:
            return await self._loop.create_datagram_endpoint(
                factory, **options, local_addr=None if host is None else (host, port)
            )
        for number in itertools.islice(self._numbers, self._count):
            try:
                return await self._loop.create_datagram_endpoint(
                    factory, **options, local_addr=(host, number)
                )
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
        raise OSError(errno.EADDRINUSE, f"all {self._count} UDP ports of the range are in use")
