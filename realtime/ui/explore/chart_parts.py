"""Building blocks of the Vega-Lite charts: axes, legends, tooltips and theme colours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from realtime.ui.charts import with_own_data

Rows = Sequence[dict[str, Any]]
Spec = dict[str, Any]
BLUE = "#0072b2"  # from the palette of Okabe and Ito; dark enough for white text
GRAY = "#8c9492"


def text_colour() -> str:
    """The colour of text marks, which Vega-Lite does not take from the theme."""
    return "#e7eceb" if st.context.theme.type == "dark" else "#1c2a29"


def layered_chart(
    description: str, rows: Rows, *layers: Spec, height_px: int | None = None
) -> Spec:
    """A chart of several layers over the same data.

    Args:
        description: Text alternative for screen readers.
        rows: The data.
        layers: Marks with their encodings.
        height_px: Height including axis and legend; None if the steps of the axis determine it.
    """
    spec: Spec = {
        "description": description,
        "data": {"values": list(rows)},
        "layer": list(layers),
    }
    return spec if height_px is None else {**spec, "height": height_px}


def show_chart(spec: Spec) -> None:
    """Show the chart in the full width of its container."""
    st.vega_lite_chart(with_own_data(spec), width="stretch")


def percent_axis(field: str, title: str | None, **options: Any) -> Spec:
    """An axis of fractions from 0 to 1, shown as percentages.

    Args:
        field: The field of the data.
        title: The title of the axis.
        options: Further options of the encoding, such as `scale`.
    """
    axis = {"format": "%", "tickCount": 5, "title": title}
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": axis,
    } | options


def number_axis(field: str, title: str | None, *, scale: Spec, **axis: Any) -> Spec:
    """An axis of numbers; `axis` holds further options of the axis."""
    axis = {"title": title, **axis}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def name_axis(field: str, order: Sequence[str], **axis: Any) -> Spec:
    """An untitled axis of names in the given order; `axis` holds further options of the axis."""
    axis = {"title": None, "labelLimit": 180, "labelOverlap": False, **axis}
    return {"field": field, "type": "nominal", "sort": list(order), "axis": axis}


def series(field: str, order: Sequence[str], *, columns: int = 2, min_width_px: int = 360) -> Spec:
    """A colour, shape or dash encoding by name, with a legend below the chart.

    Args:
        field: The field of the data.
        order: The names, in the order of the theme's colours.
        columns: Columns of the legend.
        min_width_px: The legend has one column if the plot is narrower.
    """
    legend = {
        "orient": "bottom",
        "title": None,
        "columns": {"expr": f"width < {min_width_px} ? 1 : {columns}"},
        "labelLimit": 320,
        "symbolOpacity": 1,
    }
    return {"field": field, "type": "nominal", "scale": {"domain": list(order)}, "legend": legend}


def tooltip(**titles: str) -> list[Spec]:
    """A tooltip with the titles of its fields; numbers have three significant digits."""
    return [{"field": f, "title": title, "format": ".3~f"} for f, title in titles.items()]
