"""What the charts of stored figures share: axes, intervals, and colours that fit the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

Rows = Sequence[dict[str, Any]]
Spec = dict[str, Any]
BLUE = "#0072b2"  # Okabe and Ito's, deep enough for white words on it
GRAY = "#8c9492"


def ink() -> str:
    """The colour of words inside a chart, which Vega-Lite does not take from the theme."""
    return "#e7eceb" if st.context.theme.type == "dark" else "#1c2a29"


def chart(about: str, rows: Rows, *layers: Spec, height_px: int | None = None) -> Spec:
    """A chart of the rows as layers one above the other.

    Args:
        about: what it shows, for people who do not see it.
        rows: its data.
        layers: marks with their encodings.
        height_px: of the plot; None where its steps decide.
    """
    spec: Spec = {"description": about, "data": {"values": list(rows)}, "layer": list(layers)}
    return spec if height_px is None else {**spec, "height": height_px}


def show(spec: Spec) -> None:
    """Put the chart on the page, as wide as its place."""
    st.vega_lite_chart(spec, width="stretch")


def share(field: str, title: str | None, **more: Any) -> Spec:
    """An axis of shares from 0 to 1, in per cent."""
    axis = {"format": "%", "tickCount": 5, "title": title}
    return {
        "field": field,
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": axis,
    } | more


def number(field: str, title: str | None, *, scale: Spec, **axis: Any) -> Spec:
    """An axis of numbers."""
    axis = {"title": title, **axis}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def name(field: str, order: Sequence[str], **axis: Any) -> Spec:
    """An axis of names in the given order, without a title."""
    axis = {"title": None, "labelLimit": 180, "labelOverlap": False, **axis}
    return {"field": field, "type": "nominal", "sort": list(order), "axis": axis}


def series(field: str, order: Sequence[str], *, columns: int = 2, least_px: int = 360) -> Spec:
    """Colours (or shapes) by name, in the theme's order.

    Their legend stands below, in one column where the plot is narrower than `least_px`.
    """
    legend = {
        "orient": "bottom",
        "title": None,
        "columns": {"expr": f"width < {least_px} ? 1 : {columns}"},
        "labelLimit": 320,
        "symbolOpacity": 1,
    }
    return {"field": field, "type": "nominal", "scale": {"domain": list(order)}, "legend": legend}


def tip(**fields: str) -> list[Spec]:
    """A tooltip: fields with their titles; figures to three digits."""
    return [{"field": f, "title": title, "format": ".3~f"} for f, title in fields.items()]
