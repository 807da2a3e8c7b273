"""Charts of the landmark study."""

from __future__ import annotations

from realtime.results.landmarks import ImpactSet, LandmarkRun
from realtime.ui.explore.chart_parts import Spec, chart, name, number, series, share, tip
from realtime.ui.explore.titles import detector_title


def error_chart(run: LandmarkRun) -> Spec:
    """The mean error of each kind of points, by where the boxes come from, with intervals."""
    rows = [
        {
            "landmarks": row.landmarks,
            "from": detector_title(row.source),
            "error": row.mean.value,
            "low": row.mean.low,
            "high": row.mean.high,
        }
        for row in run.rows
    ]
    sources = list(dict.fromkeys(detector_title(row.source) for row in run.rows))
    kinds = list(dict.fromkeys(row.landmarks for row in run.rows))
    place = {
        "y": name("from", sources),
        "yOffset": {"field": "landmarks", "sort": kinds},
        "color": series("landmarks", kinds),
    }
    scale = {"zero": False}
    ends = {
        "mark": {"type": "rule", "strokeWidth": 2},
        "encoding": {
            **place,
            "x": number("low", "mean error", scale=scale, tickCount=6),
            "x2": {"field": "high"},
        },
    }
    told = tip(landmarks="points", **{"from": "boxes from"}, error="error", low="from", high="to")
    dots = {
        "mark": {"type": "circle", "size": 60, "opacity": 1},
        "encoding": {
            **place,
            "x": number("error", "mean error", scale=scale, tickCount=6),
            "tooltip": told,
        },
    }
    about = "Mean error of each kind of landmarks over the distance of the eyes, with intervals."
    return chart(about, rows, ends, dots, height_px=12 * len(rows) + 140)


def impact_chart(one: ImpactSet) -> Spec:
    """Accuracy of emotion over noise on the points; dashed lines are other ways of cutting."""
    moved = "mesh, moved by noise"
    others = [row for row in one.rows if row.noise is None and row.points != "mesh"]
    rows = [
        {
            "points": moved if row.noise is not None else row.points,
            "noise": row.noise,
            "accuracy": row.accuracy.value,
            "low": row.accuracy.low,
            "high": row.accuracy.high,
        }
        for row in (*(row for row in one.rows if row.noise is not None), *others)
    ]
    colour = series("points", [moved, *(row.points for row in others)])
    title = "noise on the points, over the distance of the eyes"
    noise = number("noise", title, scale={}, format="%")
    band = {
        "transform": [{"filter": "datum.noise !== null"}],
        "mark": {"type": "area", "opacity": 0.18},
        "encoding": {
            "x": noise,
            "y": share("low", "accuracy", scale={"zero": False}),
            "y2": {"field": "high"},
            "color": colour,
        },
    }
    line = {
        "transform": [{"filter": "datum.noise !== null"}],
        "mark": {"type": "line", "point": True, "strokeWidth": 2},
        "encoding": {
            "x": noise,
            "y": share("accuracy", "accuracy", scale={"zero": False}),
            "color": colour,
            "tooltip": tip(noise="noise", accuracy="accuracy", low="from", high="to"),
        },
    }
    across = {
        "transform": [{"filter": "datum.noise === null"}],
        "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 2},
        "encoding": {
            "y": share("accuracy", "accuracy", scale={"zero": False}),
            "color": colour,
            "tooltip": tip(points="cut by", accuracy="accuracy", low="from", high="to"),
        },
    }
    about = f"Accuracy of emotion over noise on the landmarks, {one.name}."
    return chart(about, rows, band, line, across, height_px=360)
