"""STUN and TURN servers: fixed credentials, short-lived ones, and a range of ports."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from aioice import ice

from realtime.config import ConfigError, Settings
from realtime.config.settings import IceServer, PortRange
from realtime.live import udp_ports
from realtime.live.ice import ice_servers, turn_credentials

TURN: dict[str, Any] = {"urls": ["turn:a.example.org"], "username": "me", "credential": "x"}
STUN = IceServer(urls=("stun:stun.example.org",))


@pytest.mark.parametrize(
    ("settings", "secrets", "expected"),
    [
        (Settings(), None, []),
        (Settings(), {"ice_servers": [TURN]}, [TURN]),
        (Settings(), {"ice_servers": [{**TURN, "urls": "turn:a.example.org"}]}, [TURN]),
        (
            Settings(ice_servers=(STUN,)),
            {"ice_servers": [TURN]},
            [{"urls": ["stun:stun.example.org"]}],
        ),
    ],
)
def test_servers_come_from_settings_or_secrets(
    settings: Settings, secrets: dict[str, Any] | None, expected: list[dict[str, Any]]
) -> None:
    assert ice_servers(settings, secrets, user="v", now_s=0) == expected


@pytest.mark.parametrize("value", ["turn:x", {}, [1], [{}], [{"urls": []}], [{"urls": "http:x"}]])
def test_an_invalid_secret_gets_a_sentence(value: object) -> None:
    if value == {}:
        value = {"urls": "turn:x"}
    with pytest.raises(ConfigError, match="ice_servers must be a list of servers"):
        ice_servers(Settings(), {"ice_servers": value}, user="v", now_s=0)


def test_short_lived_credentials_expire_and_name_no_secret() -> None:
    settings = Settings(turn_urls=("turn:a", "turns:b"), turn_secret="north", turn_ttl_s=600)  # type: ignore[arg-type]
    (server,) = ice_servers(settings, user="ab12", now_s=1000.9)
    assert server["urls"] == ["turn:a", "turns:b"]
    assert server["username"] == "1600:ab12"
    assert (server["username"], server["credential"]) == turn_credentials("north", "ab12", 1600)
    assert "north" not in str(server)


@pytest.fixture
def port_range() -> Iterator[PortRange]:
    ports = PortRange(first=47310, last=47313)
    udp_ports.install(ports)
    yield ports
    vars(ice)["asyncio"] = asyncio


def test_streams_use_ports_of_the_range_alone(port_range: PortRange) -> None:
    async def gather() -> list[int]:
        connections = [ice.Connection(ice_controlling=True) for _ in range(2)]
        try:
            ports = []
            for connection in connections:
                found = await connection.get_component_candidates(1, ["127.0.0.1", "127.0.0.1"])
                ports += [candidate.port for candidate in found]
            # All four are taken: the next connection has no candidate, and raises nothing.
            full = ice.Connection(ice_controlling=True)
            assert await full.get_component_candidates(1, ["127.0.0.1"]) == []
            return ports
        finally:
            for connection in connections:
                await connection.close()

    assert sorted(asyncio.run(gather())) == [47310, 47311, 47312, 47313]


def test_ports_are_used_again_once_they_are_free(port_range: PortRange) -> None:
    async def use() -> int:
        connection = ice.Connection(ice_controlling=True)
        found = await connection.get_component_candidates(1, ["127.0.0.1"])
        await connection.close()
        return int(found[0].port)

    assert {asyncio.run(use()) for _ in range(12)} == {47310, 47311, 47312, 47313}
