"""Callbacks of buttons that are no longer on the page, and all that they refer to, are freed.

Streamlit keeps them until the session ends: the download buttons of a video would keep its result
after the video was removed.
"""

from __future__ import annotations

from functools import cache

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import session_state
from streamlit.runtime.state.session_state import SessionState


@cache
def free_stale_callbacks() -> None:
    """Have all sessions free them after each complete run of a page; further calls do nothing."""
    finish = SessionState.on_script_finished

    def finish_and_free(self: SessionState, widget_ids_this_run: frozenset[str]) -> None:
        finish(self, widget_ids_this_run)
        context = get_script_run_ctx(suppress_warning=True)
        if context is None:
            return
        widgets = self._new_widget_state.widget_metadata
        for name, widget in list(widgets.items()):
            # By Streamlit's own rule for their values; it knows which fragments have run.
            if session_state._is_stale_widget(
                widget, widget_ids_this_run, context.fragment_ids_this_run
            ):
                del widgets[name]

    SessionState.on_script_finished = finish_and_free  # type: ignore[method-assign]
