"""Tables and charts of times: a new run compared with the stored ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from realtime.results.speed import LatencyRow, LatencyRun, StreamRun
from realtime.results.stored import Environment
from realtime.ui.explore.chart_parts import show_chart
from realtime.ui.explore.results_table import results_table
from realtime.ui.explore.speed_charts import (
    PAGE_TITLES,
    latency_chart,
    setting_title,
    stream_chart,
)

R = TypeVar("R", LatencyRun, StreamRun)
FRAME_MS = 1000 / 30


def show_summary(title: str, run: LatencyRun) -> None:
    """Show what one run says to a person who streams a webcam: a tile per number of faces.

    Args:
        title: of the run.
        run: its rows with one thread and the smallest frames are shown.
    """
    smallest = min((row.width * row.height for row in run.rows), default=0)
    rows = [r for r in run.rows if r.threads == 1 and r.width * r.height == smallest]
    if not rows:
        return
    with st.container(horizontal=True):
        for row in rows:
            st.metric(
                f"{row.faces} face{'' if row.faces == 1 else 's'}",
                f"{row.p50_ms:.1f} ms",
                border=True,
                help=f"Median time to analyse and draw a {row.size} frame with everything on, in "
                "one thread.",
            )
    st.caption(_pace(title, rows))


def _pace(title: str, rows: Sequence[LatencyRow]) -> str:
    fast = [row.faces for row in rows if row.p95_ms <= FRAME_MS]
    most = f"up to {max(fast)} faces fit" if fast and max(fast) > 1 else "one face fits"
    if not fast:
        most = "even one face does not fit"
    return (
        f"{title[:1].upper()}{title[1:]}. At 30 frames per second, a frame may take {FRAME_MS:.0f} "
        f"ms: {most}, in 95 % of the frames measured."
    )


def show_latency(runs: Mapping[str, LatencyRun]) -> None:
    """Show the time per frame of each run by setting.

    Settings that the first run does not have are left out.

    Args:
        runs: Runs by title.
    """
    first = next(iter(runs.values()))
    settings = {setting_title(row) for row in first.rows}
    comparable = {
        title: LatencyRun(
            run.environment, tuple(row for row in run.rows if setting_title(row) in settings)
        )
        for title, run in runs.items()
    }
    show_chart(latency_chart(comparable))
    rows: dict[str, dict[str, str]] = {}
    for title, run in comparable.items():
        for row in run.rows:
            cells = rows.setdefault(setting_title(row), {"setting": setting_title(row)})
            cells[f"{title}: median ms"] = f"{row.p50_ms:.1f}"
            cells[f"{title}: p95 ms"] = f"{row.p95_ms:.1f}"
    for row in first.rows:
        slowest = sorted(row.shares.items(), key=lambda item: -item[1])[:3]
        text = ", ".join(f"{stage} {share:.0%}" for stage, share in slowest)
        rows[setting_title(row)]["slowest stages"] = text
    results_table("Time per frame by setting", list(rows.values()))
    frames = ", ".join(f"{run.rows[0].frames} ({t})" for t, run in comparable.items() if run.rows)
    st.caption(f"Frames per setting: {frames}.")


def show_stream(runs: Sequence[StreamRun]) -> None:
    """Show the latency from a browser's camera to the page for each run."""
    for run in runs:
        show_chart(stream_chart(run))
        rows = [
            {
                "page": PAGE_TITLES.get(row.page, row.page),
                "faces": f"{row.faces}",
                "median ms": f"{row.latency_p50_ms:.0f}",
                "p95 ms": f"{row.latency_p95_ms:.0f}",
                "shown fps": f"{row.shown_fps:.1f}",
                "server cores": f"{row.server_cores:.2f}",
            }
            for row in run.rows
        ]
        results_table("Stream latency by page", rows)


def by_machine(runs: Sequence[R]) -> dict[str, R]:
    """Runs by machine; the title includes the date if a machine has several runs."""
    machines = [run.environment.machine for run in runs]
    return {
        name if machines.count(name) == 1 else f"{name}, {run.environment.date}": run
        for name, run in zip(machines, runs, strict=True)
    }


def show_environments(environments: Mapping[str, Environment]) -> None:
    """Show the machine and the versions of each run.

    Args:
        environments: Environments by the title of their run.
    """
    with st.expander("Machines and versions", icon=":material/memory:"):
        facts = {title: _facts(environment) for title, environment in environments.items()}
        names = dict.fromkeys(name for values in facts.values() for name in values)
        rows = [
            {"property": name} | {title: values.get(name, "–") for title, values in facts.items()}
            for name in names
        ]
        results_table("Machines and versions", rows)


def _facts(environment: Environment) -> dict[str, str]:
    return {
        "date": environment.date,
        "commit": environment.commit,
        "CPU": environment.cpu,
        "cores": str(environment.cores),
        "load before": f"{environment.load:.1f}",
        "system": environment.system,
        "Python": environment.python,
        **environment.packages,
    }
