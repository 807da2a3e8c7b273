"""The Benchmarks page: time per frame on this server, compared with stored results."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from realtime.results.latency_job import BusyError, LatencyJob, LatencyRunner
from realtime.results.speed import LATENCY, STREAM, LatencyRun
from realtime.results.stored import ResultsError
from realtime.ui.explore.speed_results import (
    by_machine,
    show_environments,
    show_latency,
    show_stream,
    show_summary,
)
from realtime.ui.operator import may_run_benchmark
from realtime.ui.style import page_style

REFRESH_S = 0.5
JOB_KEY = "benchmarks-run"
OPTIONS = {
    "Short": ("--runs", "100", "--warm-up", "20", "--threads", "1", "--size", "640x480"),
    "Full": (),
}

WELCOME = """
How long it takes to analyse and draw a frame, on the machine of the stored results.
**Measure this server** compares: it uses sample photos, not your camera, and saves nothing.
"""

COMMANDS = """
In a copy of the repository, on an idle machine; the second needs Chromium:

```
python -m benchmarks latency
python -m benchmarks stream
```
"""

NOT_ALLOWED = (
    "Only the operator can start a benchmark here, because it slows every visitor's stream: set "
    "`FACESTREAM_ALLOW_BENCHMARK=1` on the server to allow it to everyone. The stored results are "
    "below."
)


@st.cache_resource
def runner() -> LatencyRunner:
    """The runner of all sessions: two simultaneous runs would slow each other down."""
    return LatencyRunner()


def page() -> None:
    """Show the benchmark of this server and the stored results."""
    page_style()
    st.title("Benchmarks")
    st.subheader("Time per frame on this server", anchor=False)
    job: LatencyJob | None = st.session_state.get(JOB_KEY)
    busy = runner().current is not None
    if may_run_benchmark():
        st.fragment(_measure, run_every=REFRESH_S if busy else None)(job, busy)
    else:
        st.info(NOT_ALLOWED)
    _show_latency(job.results if job is not None else None)
    st.subheader("Latency in a browser", anchor=False)
    st.markdown(
        "Time from a camera frame to the page that shows it analysed, measured with a real browser "
        "and a fake webcam at 640×480 and 30 fps, and compared with a pass-through stream "
        "(baseline)."
    )
    try:
        runs = STREAM.read_all()
    except ResultsError as error:
        st.info(str(error))
        return
    show_stream(runs)
    show_environments({title: run.environment for title, run in by_machine(runs).items()})
    with st.expander("Run the benchmarks yourself", icon=":material/terminal:"):
        st.markdown(COMMANDS)


def _measure(job: LatencyJob | None, was_busy: bool) -> None:
    """Show the controls or the progress of the benchmark.

    Args:
        job: The last run of this session.
        was_busy: Whether any session's run was in progress when the page was last rerun. If so,
            this fragment refreshes itself.
    """
    current = runner().current
    if job is not None and job.running:
        text = f"Measuring: {job.done} of {job.total} frames" if job.total else "Starting…"
        st.progress(job.progress, text=text)
        if st.button("Cancel", icon=":material/stop:", help="Stop the benchmark."):
            job.cancel()
    elif current is not None:
        st.info(
            f"Another visitor is running the benchmark ({current.progress:.0%} done). You can "
            "start yours when it has finished, because two runs would slow each other down."
        )
    elif was_busy:
        st.rerun()  # the run has just ended: the whole page has to show its results
    else:
        _show_start(job)


def _show_start(job: LatencyJob | None) -> None:
    length = st.segmented_control(
        "Length",
        list(OPTIONS),
        default="Short",
        required=True,
        help="Short: 640×480, one thread, 1, 4 and 16 faces, 100 frames each. Full: the settings "
        "of the stored results; takes several minutes.",
    )
    if st.button(
        "Measure this server",
        type="primary",
        icon=":material/speed:",
        help="Live video on this server may stutter while the benchmark runs.",
    ):
        with suppress(BusyError):  # after the rerun the page shows that another run is in progress
            st.session_state[JOB_KEY] = runner().start(OPTIONS[str(length)])
        st.rerun()
    if job is not None and job.problem:
        st.warning(job.problem)


def _show_latency(results: LatencyRun | None) -> None:
    runs = {} if results is None else {"this run": results}
    if results is None and may_run_benchmark():
        st.markdown(WELCOME)
    try:
        stored = LATENCY.read_all()
    except ResultsError as error:
        st.info(str(error))
        stored = []
    runs |= by_machine(stored)
    if runs:
        title, first = next(iter(runs.items()))
        show_summary("this server, measured just now" if results else title, first)
        show_latency(runs)
        show_environments({title: run.environment for title, run in runs.items()})


page()
