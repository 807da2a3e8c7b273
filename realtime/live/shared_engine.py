"""The engine and the networks that all live streams of the process share."""

from __future__ import annotations

from functools import cache

from realtime.engine.engine import Engine
from realtime.engine.networks_pool import NetworksPool


@cache
def shared_engine() -> Engine:
    """The engine, made at the first call."""
    return Engine()


@cache
def shared_networks() -> NetworksPool:
    """Networks for as many analyses as the engine runs at the same time."""
    return NetworksPool(shared_engine().slots)
