"""Charts of faces over time as Vega-Lite specifications, for `st.vega_lite_chart`.

Plain dictionaries, because the live page redraws the charts all the time and Altair objects take
ten times as long to create.
"""

from __future__ import annotations

from typing import Any

from realtime.attribute.registry import EMOTION, MASK
from realtime.core.answers import UNSURE
from realtime.render.palette import css

EMOTION_COLOURS = {label: css(EMOTION.colours[label]) for label in EMOTION.labels}
# Stronger than in pictures, where areas are not on white.
_MASK_COLOURS = {
    "with_mask": "#009e73",
    "without_mask": "#d55e00",
    "incorrect": "#cfb500",
}
MASK_COLOURS = {MASK.caption(label): _MASK_COLOURS[label] for label in MASK.labels} | {
    UNSURE: "#8c9492"
}

# Vega rounds the labels of ticks between whole numbers, and so shows numbers twice.
WHOLE_NUMBERS = "datum.value % 1 ? '' : datum.label"


def emotion_timeline(*, height_px: int = 140) -> dict[str, Any]:
    """Return a stacked area chart of the emotions, for the rows of `emotion_rows`."""
    return {
        "mark": {"type": "area", "interpolate": "linear"},
        "height": height_px,
        "encoding": {
            "x": _time(),
            "y": {
                "field": "probability",
                "type": "quantitative",
                "stack": "zero",
                "scale": {"domain": [0, 1], "clamp": True},
                "axis": {"format": "%", "tickCount": 3, "title": None},
            },
            "color": _colour("emotion", EMOTION_COLOURS),
            "order": {"field": "rank", "type": "quantitative"},
            "tooltip": [
                {"field": "time_s", "type": "quantitative", "format": ".1f", "title": "seconds"},
                {"field": "emotion", "type": "nominal"},
                {"field": "probability", "type": "quantitative", "format": ".0%"},
            ],
        },
        "config": {"view": {"stroke": None}},
    }


def emotion_rows(time_s: list[float], probabilities: list[list[float]]) -> list[dict[str, Any]]:
    """Return rows for `emotion_timeline`.

    Args:
        time_s: n times.
        probabilities: n rows in the order of `EMOTION.labels`.
    """
    return [
        {"time_s": round(t, 2), "emotion": name, "probability": round(p, 3), "rank": k}
        for t, row in zip(time_s, probabilities, strict=True)
        for k, (name, p) in enumerate(zip(EMOTION.labels, row, strict=True))
    ]


def count_timeline(*, height_px: int = 140) -> dict[str, Any]:
    """Return a stacked step chart of faces by mask label: rows of `time_s`, `mask`, `faces`."""
    return {
        "mark": {"type": "area", "interpolate": "step-after"},
        "height": height_px,
        "encoding": {
            "x": _time(),
            "y": {
                "field": "faces",
                "type": "quantitative",
                "stack": "zero",
                "axis": {"format": "d", "tickCount": 4, "title": None, "labelExpr": WHOLE_NUMBERS},
            },
            "color": _colour("mask", MASK_COLOURS),
            "tooltip": [
                {"field": "time_s", "type": "quantitative", "format": ".1f", "title": "seconds"},
                {"field": "mask", "type": "nominal"},
                {"field": "faces", "type": "quantitative"},
            ],
        },
        "config": {"view": {"stroke": None}},
    }


def with_own_data(spec: dict[str, Any]) -> dict[str, Any]:
    """Move the data of a chart, or of its layers, one layer down.

    Streamlit takes the data of a specification out, builds the chart, then adds the data. Vega
    complains meanwhile of axes without limits ("Infinite extent"). Data of a layer stays in place;
    use this only for charts whose data does not change.
    """
    outer = {name: spec[name] for name in _OUTER if name in spec}
    inner = {name: value for name, value in spec.items() if name not in _OUTER}
    return {**outer, "layer": [inner]}


_OUTER = ("description", "height", "width", "config", "autosize", "padding", "title")


def legend_html(colours: dict[str, str]) -> str:
    """Return a legend for several charts, as HTML that wraps on narrow screens."""
    swatches = "".join(
        f'<span><span class="fs-dot" style="background:{colour}"></span>{name}</span>'
        for name, colour in colours.items()
    )
    return f'<div class="fs-legend">{swatches}</div>'


def _time() -> dict[str, Any]:
    return {
        "field": "time_s",
        "type": "quantitative",
        "scale": {"zero": False, "nice": False},
        "axis": {"title": "seconds", "grid": False, "tickCount": 6},
    }


def _colour(field: str, colours: dict[str, str]) -> dict[str, Any]:
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(colours), "range": list(colours.values())},
        "legend": {"orient": "bottom", "title": None, "columns": 4},
    }
