"""The end of a visitor's session: what they left in the server's memory is freed with it.

Streamlit keeps the state of a session whose browser has gone for two minutes or more, and frees it
only when another visitor comes or goes. Here a session is closed a minute after its browser has
gone, unless that comes back.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from realtime.core.memory import return_free_memory

GRACE_S = 60.0  # a phone whose screen goes dark comes back
MAX_RUN_S = 60.0  # of a script that does not stop
# Streamlit's names of the threads that run scripts, and of their attribute with the session.
SCRIPT_THREAD, RUN_CONTEXT = "ScriptRunner.scriptThread", "streamlit_script_run_ctx"
LOGGER = logging.getLogger(__name__)

_callbacks: dict[str, dict[str, Callable[[], None]]] = {}
_lock = threading.Lock()


@cache
def install_session_end(grace_s: float | None = None) -> None:
    """Close the running server's sessions after their browser has gone; later calls do nothing.

    Args:
        grace_s: how long after; None: `GRACE_S`.
    """
    if exists():
        close_disconnected(get_instance(), GRACE_S if grace_s is None else grace_s)


def at_session_end(name: str, callback: Callable[[], None]) -> None:
    """Call this once when the visitor's session ends.

    Args:
        name: a later callback of the same name and session replaces this one.
        callback: called in another thread, without a session; must not raise.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is not None:
        with _lock:
            _callbacks.setdefault(context.session_id, {})[name] = callback


def close_disconnected(runtime: Runtime, grace_s: float) -> None:
    """Have the runtime close each session that has been disconnected for this long."""
    disconnect = runtime.disconnect_session
    timers: dict[str, asyncio.TimerHandle] = {}

    def disconnect_then_close(session_id: str, **client: Any) -> None:  # Streamlit 1.60 has none
        disconnect(session_id, **client)
        # A browser may come back without running the script, so only this is seen of its absences.
        if session_id in timers:
            timers.pop(session_id).cancel()
        loop = asyncio.get_running_loop()  # Streamlit disconnects sessions on its event loop
        timers[session_id] = loop.call_later(grace_s, end, session_id)

    def end(session_id: str) -> None:
        del timers[session_id]
        if not runtime.is_active_session(session_id):
            called = asyncio.get_running_loop().run_in_executor(None, _run_callbacks, session_id)
            called.add_done_callback(lambda _: _close(runtime, session_id))

    runtime.disconnect_session = disconnect_then_close  # type: ignore[method-assign]


def _run_callbacks(session_id: str) -> None:
    with _lock:
        callbacks = _callbacks.pop(session_id, {})
    for name, callback in callbacks.items():
        try:
            callback()
        except Exception:
            LOGGER.exception("The end of a session failed: %s", name)


def _close(runtime: Runtime, session_id: str) -> None:
    info: Any = runtime._session_mgr.get_session_info(session_id)
    if info is None or runtime.is_active_session(session_id):
        return
    runtime.close_session(session_id)
    runtime.media_file_mgr.remove_orphaned_files()  # closing only marks files for download
    asyncio.get_running_loop().run_in_executor(None, _free, session_id, info.session)


def _free(session_id: str, session: Any) -> None:
    """Free what the session holds when its script has stopped.

    A script finishes the click that it is handling, and may begin a recording with it.
    """
    deadline_s = time.monotonic() + MAX_RUN_S
    for thread in threading.enumerate():
        context = getattr(thread, RUN_CONTEXT, None)
        if thread.name == SCRIPT_THREAD and context and context.session_id == session_id:
            thread.join(max(0.0, deadline_s - time.monotonic()))
    _run_callbacks(session_id)
    _clear(session)
    return_free_memory()


def _clear(session: Any) -> None:
    """Empty a session, which may be kept for long.

    Its objects refer to each other, and are collected much later. Streamlit's event loop refers to
    the last session until another visitor comes.
    """
    session.session_state.clear()
    # What Streamlit does not clear: the callbacks of widgets, and fragments with their arguments.
    session.session_state._new_widget_state.widget_metadata.clear()
    session._fragment_storage.clear()
    session.flush_browser_queue()
