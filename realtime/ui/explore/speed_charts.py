"""Charts of milliseconds: the pipeline alone on several machines, and from camera to page."""

from __future__ import annotations

from collections.abc import Mapping

from realtime.results.speed import LatencyRow, LatencyRun, StreamRun
from realtime.ui.explore.chart_parts import GRAY, Spec, chart, name, number, series, tip

PAGES = {"facestream": "FaceStream", "callback": "changes nothing"}


def setting(row: LatencyRow) -> str:
    """What a row was measured with, in words."""
    faces = f"{row.faces} face{'s' if row.faces > 1 else ''}"
    text = f"{row.size}, {faces}, {row.threads} thread{'s' if row.threads > 1 else ''}"
    return text.replace(" ", "\N{NO-BREAK SPACE}")  # one line in tables, also on phones


def latency_chart(runs: Mapping[str, LatencyRun]) -> Spec:
    """Medians as bars, with a line to where 95 % of the frames lie; by setting and machine."""
    rows = [
        {"setting": setting(row), "run": title, "p50": row.p50_ms, "p95": row.p95_ms}
        for title, run in runs.items()
        for row in run.rows
    ]
    order = list(dict.fromkeys(setting(row) for run in runs.values() for row in run.rows))
    place = {
        "y": name("setting", order, labelLimit=200),
        "yOffset": {"field": "run", "sort": list(runs)},
    }
    told = tip(setting="setting", run="measured", p50="median ms", p95="95 % under, ms")
    about = "Bars of the median milliseconds a frame, by setting and machine."
    layers = _bars(place, {"color": series("run", list(runs), columns=1)}, told)
    return chart(about, rows, *layers, height_px=(12 + 14 * len(runs)) * len(order) + 100)


def stream_chart(run: StreamRun) -> Spec:
    """The delay from the camera to the page, beside that of a page which changes nothing."""
    rows: list[Spec] = [
        {
            "faces": f"{row.faces} face{'s' if row.faces > 1 else ''}",
            "page": PAGES.get(row.page, row.page),
            "p50": row.delay_p50_ms,
            "p95": row.delay_p95_ms,
        }
        for row in run.rows
    ]
    order = list(dict.fromkeys(row["faces"] for row in rows))
    pages = list(dict.fromkeys(PAGES.get(row.page, row.page) for row in run.rows))
    place = {"y": name("faces", order), "yOffset": {"field": "page", "sort": pages}}
    told = tip(faces="faces", page="page", p50="median ms", p95="95 % under, ms")
    about = "Bars of the median delay from the camera to the page."
    layers = _bars(place, {"color": series("page", pages)}, told)
    return chart(about, rows, *layers, height_px=46 * len(order) + 110)


def _bars(place: Spec, colour: Spec, told: list[Spec]) -> tuple[Spec, Spec]:
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            **place,
            **colour,
            "x": number("p50", "milliseconds: median, line to 95 %", scale={"zero": True}),
            "tooltip": told,
        },
    }
    whiskers = {
        "mark": {"type": "rule", "color": GRAY, "strokeWidth": 2},
        "encoding": {
            **place,
            "x": number("p50", "milliseconds: median, line to 95 %", scale={"zero": True}),
            "x2": {"field": "p95"},
        },
    }
    return bars, whiskers
