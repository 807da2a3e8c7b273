"""A session is closed some time after its browser has gone, unless that came back."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
from streamlit.runtime import media_file_manager
from streamlit.runtime.fragment import MemoryFragmentStorage
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.runtime.scriptrunner import add_script_run_ctx
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata

from realtime.ui import session_end

GRACE_S = 1.0  # far more than a loaded machine delays a timer
ID = "a"


class Server:
    """Streamlit's runtime with one connected session."""

    def __init__(self) -> None:
        self.active = {ID}
        self.session = Mock()
        self.closed: list[str] = []
        self._session_mgr = self
        self.media_file_mgr = MediaFileManager(MemoryMediaFileStorage("/media"))

    def disconnect_session(self, session_id: str) -> None:
        self.active.discard(session_id)

    def is_active_session(self, session_id: str) -> bool:
        return session_id in self.active

    def get_session_info(self, session_id: str) -> SimpleNamespace | None:
        return None if session_id in self.closed else SimpleNamespace(session=self.session)

    def close_session(self, session_id: str) -> None:
        self.closed.append(session_id)
        self.media_file_mgr.clear_session_refs(session_id)
        self.media_file_mgr.remove_orphaned_files()


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


class Pictures:
    """Stands for a visitor's photos, with a button that removes them."""

    def clear(self) -> None:
        """The button's callback."""


def test_pictures_that_buttons_and_fragments_know_are_freed(
    server: Server, ended: list[str]
) -> None:
    pictures = Pictures()
    freed = weakref.ref(pictures)
    state, fragments = SessionState(), MemoryFragmentStorage()
    state["pictures"] = pictures
    state._set_widget_metadata(
        WidgetMetadata("button", Mock(), Mock(), "bool_value", callback=pictures.clear)
    )
    fragments.register("progress", partial(print, pictures))
    server.session = Mock(session_state=state, _fragment_storage=fragments)

    async def leave() -> None:
        server.disconnect_session(ID)
        await wait(1.5)

    asyncio.run(leave())
    del pictures
    assert freed() is None  # at once, without the garbage collector


def test_files_for_download_are_freed(
    server: Server, ended: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_file_manager, "_get_session_id", lambda: ID)
    files = server.media_file_mgr
    files.add(b"a,b", "text/csv", "1", file_name="faces.csv", is_for_static_download=True)
    assert files._file_metadata

    async def leave() -> None:
        server.disconnect_session(ID)
        await wait(1.5)

    asyncio.run(leave())
    assert not files._file_metadata


def test_what_a_last_click_begins_is_ended_and_freed(server: Server, ended: list[str]) -> None:
    """The script still handles a click when its session ends."""
    begun: list[weakref.ref[Pictures]] = []
    state, closed = SessionState(), threading.Event()
    server.session = Mock(session_state=state)

    def handle_click() -> None:
        pictures = Pictures()
        begun.append(weakref.ref(pictures))
        closed.wait(10)
        state._new_session_state["pictures"] = pictures
        session_end.at_session_end("late", lambda: ended.append("late"))

    script = threading.Thread(target=handle_click, name="ScriptRunner.scriptThread")
    add_script_run_ctx(script, Mock(session_id=ID))

    async def leave() -> None:
        script.start()
        server.disconnect_session(ID)
        await wait(1.5)
        assert server.closed == [ID]
        closed.set()
        await wait(0.5)

    asyncio.run(leave())
    assert ended[-1] == "late"
    assert begun[0]() is None
