"""Charts of the landmark benchmarks."""

from __future__ import annotations

from realtime.results.landmarks import ImpactSet, LandmarkRun, display_name
from realtime.ui.explore.chart_parts import (
    Spec,
    layered_chart,
    name_axis,
    number_axis,
    percent_axis,
    series,
    tooltip,
)
from realtime.ui.explore.titles import detector_title

NOISY_MESH = "mesh with noise"


def source_title(source: str) -> str:
    """The display name of a source of boxes: a detector or the ground truth."""
    return display_name(detector_title(source))


def error_chart(run: LandmarkRun) -> Spec:
    """Mean error of each landmark method by source of boxes, with confidence intervals."""
    rows = [
        {
            "landmarks": display_name(row.landmarks),
            "source": source_title(row.source),
            "error": row.mean.value,
            "low": row.mean.low,
            "high": row.mean.high,
        }
        for row in run.rows
    ]
    sources = list(dict.fromkeys(source_title(row.source) for row in run.rows))
    methods = list(dict.fromkeys(display_name(row.landmarks) for row in run.rows))
    position = {
        "y": name_axis("source", sources),
        "yOffset": {"field": "landmarks", "sort": methods},
        "color": series("landmarks", methods),
    }
    scale = {"zero": False}
    intervals = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {
            **position,
            "x": number_axis("low", "mean error", scale=scale, tickCount=6),
            "x2": {"field": "high"},
        },
    }
    dots = {
        "mark": {"type": "circle", "size": 60, "opacity": 1},
        "encoding": {
            **position,
            "x": number_axis("error", "mean error", scale=scale, tickCount=6),
            "tooltip": tooltip(
                landmarks="landmarks", source="boxes", error="mean error", low="from", high="to"
            ),
        },
    }
    description = (
        "Mean error of each landmark method by source of boxes, with confidence intervals."
    )
    height_px = 12 * len(rows) + 140
    return layered_chart(description, rows, intervals, dots, height_px=height_px)


def impact_chart(results: ImpactSet) -> Spec:
    """Emotion accuracy over landmark noise; dashed lines show other alignment methods."""
    noisy = [row for row in results.rows if row.noise is not None]
    others = [row for row in results.rows if row.noise is None and row.points != "mesh"]
    rows = [
        {
            "alignment": NOISY_MESH if row.noise is not None else display_name(row.points),
            "noise": row.noise,
            "accuracy": row.accuracy.value,
            "low": row.accuracy.low,
            "high": row.accuracy.high,
        }
        for row in (*noisy, *others)
    ]
    colour = series("alignment", [NOISY_MESH, *(display_name(row.points) for row in others)])
    title = "landmark noise (share of the distance between the eyes)"
    noise = number_axis("noise", title, scale={}, format="%")
    accuracy = percent_axis("accuracy", "accuracy", scale={"zero": False})
    interval = {
        "transform": [{"filter": "datum.noise !== null"}],
        "mark": {"type": "area", "opacity": 0.18},
        "encoding": {
            "x": noise,
            "y": percent_axis("low", "accuracy", scale={"zero": False}),
            "y2": {"field": "high"},
            "color": colour,
        },
    }
    line = {
        "transform": [{"filter": "datum.noise !== null"}],
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {
            "x": noise,
            "y": accuracy,
            "color": colour,
            "tooltip": tooltip(noise="noise", accuracy="accuracy", low="from", high="to"),
        },
    }
    dashed_lines = {
        "transform": [{"filter": "datum.noise === null"}],
        "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 2},
        "encoding": {
            "y": accuracy,
            "color": colour,
            "tooltip": tooltip(alignment="alignment", accuracy="accuracy", low="from", high="to"),
        },
    }
    description = f"Emotion accuracy over landmark noise on {results.name}."
    return layered_chart(description, rows, interval, line, dashed_lines, height_px=360)
