"""Bar charts of times: per frame on one or more machines, and from camera to page."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.results.speed import LatencyRow, LatencyRun, StreamRun
from realtime.ui.explore.chart_parts import (
    GRAY,
    Spec,
    layered_chart,
    name_axis,
    number_axis,
    series,
    tooltip,
)

PAGE_TITLES = {"facestream": "FaceStream", "callback": "Pass-through (baseline)"}
AXIS_TITLE = "ms (median; whisker: 95th percentile)"


def setting_title(row: LatencyRow) -> str:
    """Frame size, faces and threads of a row as text."""
    text = f"{row.size}, {_count(row.faces, 'face')}, {_count(row.threads, 'thread')}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")  # keeps table cells on one line, even on phones


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'s' if n != 1 else ''}"


def latency_chart(runs: Mapping[str, LatencyRun]) -> Spec:
    """Time per frame by setting and run.

    Args:
        runs: Runs by title.
    """
    rows = [
        {"setting": setting_title(row), "run": title, "p50": row.p50_ms, "p95": row.p95_ms}
        for title, run in runs.items()
        for row in run.rows
    ]
    settings = list(dict.fromkeys(setting_title(row) for run in runs.values() for row in run.rows))
    encoding = {
        "y": name_axis("setting", settings, labelLimit=200),
        "yOffset": {"field": "run", "sort": list(runs)},
        "color": series("run", list(runs), columns=1),
    }
    titles = tooltip(setting="setting", run="run", p50="median ms", p95="p95 ms")
    description = "Bars of the median milliseconds per frame, by setting and run."
    height_px = (12 + 14 * len(runs)) * len(settings) + 100
    return layered_chart(description, rows, *_bars(encoding, titles), height_px=height_px)


def stream_chart(run: StreamRun) -> Spec:
    """Latency from the camera to the page, compared with the pass-through stream."""
    rows: list[Spec] = [
        {
            "faces": _count(row.faces, "face"),
            "page": PAGE_TITLES.get(row.page, row.page),
            "p50": row.latency_p50_ms,
            "p95": row.latency_p95_ms,
        }
        for row in run.rows
    ]
    faces = list(dict.fromkeys(row["faces"] for row in rows))
    pages = list(dict.fromkeys(row["page"] for row in rows))
    encoding = {
        "y": name_axis("faces", faces),
        "yOffset": {"field": "page", "sort": pages},
        "color": series("page", pages),
    }
    titles = tooltip(faces="faces", page="page", p50="median ms", p95="p95 ms")
    description = "Bars of the median latency from the camera to the page."
    height_px = 46 * len(faces) + 110
    return layered_chart(description, rows, *_bars(encoding, titles), height_px=height_px)


def _bars(encoding: Spec, tooltips: list[Spec]) -> tuple[Spec, Spec]:
    """Bars of the medians, and whiskers to the 95th percentiles."""
    x = number_axis("p50", AXIS_TITLE, scale={"zero": True})
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {**encoding, "x": x, "tooltip": tooltips},
    }
    position = {key: value for key, value in encoding.items() if key != "color"}
    whiskers = {
        "mark": {"type": "rule", "color": GRAY, "strokeWidth": 2},
        "encoding": {**position, "x": x, "x2": {"field": "p95"}},
    }
    return bars, whiskers
