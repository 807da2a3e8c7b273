"""Callbacks of buttons that are no longer on the page, and all that they refer to, are freed.

Streamlit keeps them until the session ends: the download buttons of a video would keep its result
after the video was removed.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx


def free_stale_callbacks() -> None:
    """Free the callbacks of this session whose buttons the run so far did not show.

    Call it at the very end of a run. Runs that `st.rerun` ends do not get there: they have not
    reached all buttons, and one without its callback would ignore the next click.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    widgets = context.session_state._state._new_widget_state.widget_metadata
    shown = context.shared.widget_ids_this_run.snapshot()
    for name in set(widgets) - shown:
        # A component's events have an id of their own, which contains the component's.
        if not any(component in name for component in shown):
            del widgets[name]
