"""The end of a visitor's session: what they left in the server's memory is freed with it.

Streamlit keeps the state of a session whose browser has gone for two minutes or more, and frees it
only when another visitor comes or goes. Here a session is closed a minute after its browser has
gone, unless that comes back.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Any

import streamlit as st
from streamlit.runtime import Runtime, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

GRACE_S = 60.0  # a phone whose screen goes dark comes back
LOGGER = logging.getLogger(__name__)

_callbacks: dict[str, dict[str, Callable[[], None]]] = {}
_lock = threading.Lock()


def close_with_browser() -> None:
    """Close this visitor's session a minute after their browser has gone."""
    session_id = _session_id()
    if session_id is not None:
        _connected(session_id)


def at_session_end(name: str, callback: Callable[[], None]) -> None:
    """Call this once when the visitor's session ends.

    Args:
        name: a later callback of the same name and session replaces this one.
        callback: called in another thread, without a session; must not raise.
    """
    session_id = _session_id()
    if session_id is not None:
        with _lock:
            _callbacks.setdefault(session_id, {})[name] = callback


def _session_id() -> str | None:
    context = get_script_run_ctx(suppress_warning=True)
    return None if context is None else context.session_id


def _leave(session_id: str) -> None:
    """The browser has gone: close the session later, unless it comes back."""
    timer = threading.Timer(GRACE_S, _close, [session_id])
    timer.daemon = True
    timer.start()


# Streamlit clears a session's own caches at once when its browser disconnects.
@st.cache_resource(scope="session", on_release=_leave, show_spinner=False)
def _connected(session_id: str) -> str:
    return session_id


def _close(session_id: str) -> None:
    runtime = get_instance()
    if runtime.is_active_session(session_id):
        return
    run_callbacks(session_id)
    loop = runtime._get_async_objs().eventloop
    loop.call_soon_threadsafe(_close_on_loop, runtime, session_id)


def run_callbacks(session_id: str) -> None:
    """Call and forget what `at_session_end` noted for this session."""
    with _lock:
        callbacks = _callbacks.pop(session_id, {})
    for name, callback in callbacks.items():
        try:
            callback()
        except Exception:
            LOGGER.exception("The end of a session failed: %s", name)


def _close_on_loop(runtime: Runtime, session_id: str) -> None:
    info: Any = runtime._session_mgr.get_session_info(session_id)
    if info is None or runtime.is_active_session(session_id):
        return
    runtime.close_session(session_id)
    # Streamlit's objects may refer to each other in cycles, which are collected much later.
    info.session.session_state.clear()
