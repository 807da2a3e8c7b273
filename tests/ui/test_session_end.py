"""A session is closed some time after its browser has gone, unless that came back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from realtime.ui import session_end

GRACE_S = 1.0  # far more than a loaded machine delays a timer
ID = "a"


class Server:
    """Streamlit's runtime with one connected session."""

    def __init__(self) -> None:
        self.active = {ID}
        self.session = SimpleNamespace(session_state=Mock())
        self.closed: list[str] = []
        self._session_mgr = self

    def disconnect_session(self, session_id: str) -> None:
        self.active.discard(session_id)

    def is_active_session(self, session_id: str) -> bool:
        return session_id in self.active

    def get_session_info(self, session_id: str) -> SimpleNamespace | None:
        return None if session_id in self.closed else SimpleNamespace(session=self.session)

    def close_session(self, session_id: str) -> None:
        self.closed.append(session_id)


@pytest.fixture
def server() -> Server:
    made = Server()
    session_end.close_disconnected(made, GRACE_S)  # type: ignore[arg-type]
    return made


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the callbacks that were called; one of the two fails."""
    called: list[str] = []

    def failing() -> None:
        called.append("failing")
        raise ValueError

    callbacks: dict[str, Callable[[], None]] = {
        "failing": failing,
        "good": lambda: called.append("good"),
    }
    monkeypatch.setattr(session_end, "_callbacks", {ID: callbacks})
    return called


async def wait(graces: float) -> None:
    await asyncio.sleep(graces * GRACE_S)


def test_a_session_is_closed_once_and_its_callbacks_are_called(
    server: Server, ended: list[str]
) -> None:
    async def leave() -> None:
        server.disconnect_session(ID)
        server.disconnect_session(ID)  # Streamlit may repeat it
        assert not ended
        await wait(1.5)

    asyncio.run(leave())
    assert ended == ["failing", "good"]
    assert server.closed == [ID]
    server.session.session_state.clear.assert_called_once()


def test_a_session_whose_browser_came_back_is_kept(server: Server, ended: list[str]) -> None:
    async def come_back() -> None:
        server.disconnect_session(ID)
        server.active.add(ID)
        await wait(1.5)

    asyncio.run(come_back())
    assert not ended
    assert not server.closed


def test_each_absence_is_measured_from_its_own_start(server: Server, ended: list[str]) -> None:
    async def come_back_twice() -> None:
        server.disconnect_session(ID)
        await wait(0.7)
        server.active.add(ID)
        server.disconnect_session(ID)
        await wait(0.6)  # more than the limit since the first absence began
        assert not server.closed
        server.active.add(ID)
        await wait(1.5)
        assert not server.closed
        server.disconnect_session(ID)
        await wait(1.5)

    asyncio.run(come_back_twice())
    assert server.closed == [ID]
