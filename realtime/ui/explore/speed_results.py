"""Figures of speed as pieces of a page: what was just measured beside what is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import streamlit as st

from realtime.results.speed import LatencyRun, StreamRun
from realtime.results.stored import Header
from realtime.ui.explore.chart_parts import show
from realtime.ui.explore.figures_table import figures_table
from realtime.ui.explore.speed_charts import PAGES, latency_chart, setting, stream_chart

R = TypeVar("R", LatencyRun, StreamRun)


def latency_results(runs: Mapping[str, LatencyRun]) -> None:
    """Milliseconds a frame by setting, side by side for each run by its title.

    What the first run did not measure is left out, so that bars stand beside their like.
    """
    asked = {setting(row) for row in next(iter(runs.values())).rows}
    like = {
        title: LatencyRun(run.header, tuple(row for row in run.rows if setting(row) in asked))
        for title, run in runs.items()
    }
    show(latency_chart(like))
    first = next(iter(like.values()))
    by_setting: dict[str, dict[str, str]] = {}
    for title, run in like.items():
        for row in run.rows:
            told = by_setting.setdefault(setting(row), {"setting": setting(row)})
            told[f"{title}: median ms"] = f"{row.p50_ms:.1f}"
            told[f"{title}: 95 % under"] = f"{row.p95_ms:.1f}"
    for row in first.rows:
        most = sorted(row.shares.items(), key=lambda s: -s[1])[:3]
        shares = ", ".join(f"{stage} {share:.0%}" for stage, share in most)
        by_setting[setting(row)]["most of it"] = shares
    figures_table("Milliseconds by setting", list(by_setting.values()))
    frames = ", ".join(f"{run.rows[0].frames} ({t})" for t, run in like.items() if run.rows)
    st.caption(f"Frames measured in each setting: {frames}.")


def stream_results(runs: list[StreamRun]) -> None:
    """The delay from a browser's camera and back, for each stored run."""
    for run in runs:
        show(stream_chart(run))
        rows = [
            {
                "page": PAGES.get(row.page, row.page),
                "faces": f"{row.faces}",
                "median ms": f"{row.delay_p50_ms:.0f}",
                "95 % under": f"{row.delay_p95_ms:.0f}",
                "frames shown a second": f"{row.shown_fps:.1f}",
                "server cores": f"{row.server_cores:.2f}",
            }
            for row in run.rows
        ]
        figures_table("The stream's figures by page", rows)


def titled(runs: Sequence[R]) -> dict[str, R]:
    """Runs by their machine; with the day, where a machine has several."""
    names = [run.header.machine for run in runs]
    return {
        n if names.count(n) == 1 else f"{n}, {run.header.date}": run
        for n, run in zip(names, runs, strict=True)
    }


def machines(headers: Mapping[str, Header]) -> None:
    """The machine and the versions behind each run, by its title."""
    with st.expander("Machines and versions", icon=":material/memory:"):
        facts = {title: _facts(header) for title, header in headers.items()}
        names = dict.fromkeys(name for told in facts.values() for name in told)
        rows = [{"what": n} | {t: told.get(n, "–") for t, told in facts.items()} for n in names]
        figures_table("Machines and versions", rows)


def _facts(header: Header) -> dict[str, str]:
    return {
        "date": header.date,
        "code": header.commit,
        "CPU": header.cpu,
        "cores": str(header.cores),
        "load before": f"{header.load:.1f}",
        "system": header.system,
        "Python": header.python,
        **header.packages,
    }
