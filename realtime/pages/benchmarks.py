"""The benchmarks page: how fast this very server is, beside the figures that are stored."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from realtime.results.latency_run import BusyError, Run, Runner
from realtime.results.speed import LATENCY, STREAM, LatencyRun
from realtime.results.stored import ResultsError
from realtime.ui.explore.speed_results import latency_results, machines, stream_results, titled
from realtime.ui.style import page_style

REFRESH_S = 0.5
RUN = "benchmarks-run"
VERSIONS = {
    "Short": ("--runs", "100", "--warm-up", "20", "--threads", "1", "--size", "640x480"),
    "Full": (),
}

WELCOME = """
Press **Measure this server** to see how fast it analyses and draws a frame: its figures then stand
beside those stored with the code. The faces come from pictures inside two packages; no camera is
used and nothing is kept.
"""


@st.cache_resource
def runner() -> Runner:
    """One for all visitors: two runs at once would measure each other."""
    return Runner()


def page() -> None:
    """Lay the page out: the measurement, its figures beside the stored ones, the stream's."""
    page_style()
    st.title("Benchmarks")
    st.subheader("Milliseconds a frame, on this server", anchor=False)
    run: Run | None = st.session_state.get(RUN)
    moving = runner().current is not None
    st.fragment(_measure, run_every=REFRESH_S if moving else None)(run, moving)
    figures = run.figures if run is not None else None
    _latency(figures)
    st.subheader("From the camera and back, in a browser", anchor=False)
    st.markdown(
        "A real browser with a fake webcam, 640×480 at 30 frames a second: the delay from the "
        "camera's frame to the page that shows it analysed, beside a page whose callback changes "
        "nothing. It takes a browser on the server, so it is run from the command line: "
        "`python -m benchmarks stream`."
    )
    try:
        runs = STREAM.read_all()
    except ResultsError as error:
        st.info(str(error))
        return
    stream_results(runs)
    machines({title: run.header for title, run in titled(runs).items()})


def _measure(run: Run | None, moving: bool) -> None:
    """Start, progress and cancel; while anybody's run is under way it refreshes itself.

    Args:
        run: this visitor's last one.
        moving: whether there was one under way when the whole page was last laid out.
    """
    other = runner().current
    if run is not None and run.running:
        done = f"Measuring: {run.done} of {run.total} frames" if run.total else "Starting…"
        st.progress(run.share, text=done)
        if st.button("Cancel", icon=":material/stop:", help="End the measurement."):
            run.cancel()
    elif other is not None:
        st.info(
            f"Another visitor is measuring ({other.share:.0%} done). You can start when that is "
            "done: two at once would measure each other."
        )
    elif moving:
        st.rerun()  # it has just ended: the whole page shows what it found
    else:
        _start(run)


def _start(run: Run | None) -> None:
    version = st.segmented_control(
        "How much",
        list(VERSIONS),
        default="Short",
        required=True,
        help="Short: 640×480 in one thread, 1, 4 and 16 faces, 100 frames each. Full: as the "
        "stored figures were taken, which takes some minutes.",
    )
    if st.button(
        "Measure this server",
        type="primary",
        icon=":material/speed:",
        help="It uses the server's cores: live pictures stutter meanwhile.",
    ):
        with suppress(BusyError):  # then the page says who was first
            st.session_state[RUN] = runner().start(VERSIONS[str(version)])
        st.rerun()
    if run is not None and run.problem:
        st.warning(run.problem)


def _latency(figures: LatencyRun | None) -> None:
    shown = {} if figures is None else {"now": figures}
    if figures is None:
        st.markdown(WELCOME)
    try:
        stored = LATENCY.read_all()
    except ResultsError as error:
        st.info(str(error))
        stored = []
    shown |= titled(stored)
    if shown:
        latency_results(shown)
        machines({title: run.header for title, run in shown.items()})


page()
