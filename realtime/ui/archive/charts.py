"""Histograms of a result folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK
from realtime.bulk.summary import MAX_PER_PHOTO, MAX_SIZE_PX, SIZE_STEP_PX, Histograms, Overview
from realtime.core.answers import UNSURE
from realtime.ui.charts import EMOTION_COLOURS, MASK_COLOURS, WHOLE_NUMBERS

HEIGHT_PX = 190
_BLUE, _GRAY = "#1f83c9", "#8c9492"
_COLOURS = {MASK.name: MASK_COLOURS, EMOTION.name: EMOTION_COLOURS}


def show_histograms(found: Histograms, totals: Overview) -> None:
    """Show the faces by label and size, and the photos by number of faces."""
    bars = []
    for name, counts in found.labels.items():
        attribute, colours = ATTRIBUTES[name], _COLOURS.get(name, {})
        captions = {label: attribute.caption(label) for label in attribute.labels}
        captions[UNSURE] = UNSURE
        shown = {caption: counts.get(label, 0) for label, caption in captions.items()}
        bars.append((attribute.title, shown, {UNSURE: _GRAY} | colours))
    largest = max(found.sizes, default=0)
    sizes = {_size(px): found.sizes.get(px, 0) for px in range(0, largest + 1, SIZE_STEP_PX)}
    bars.append(("Face size, px", sizes, {}))
    photos = {
        f"{k}+" if k == MAX_PER_PHOTO else str(k): totals.per_photo.get(k, 0)
        for k in range(MAX_PER_PHOTO + 1)
    }
    if totals.per_photo:
        bars.append(("Faces per photo (all photos)", photos, {}))
    for start in range(0, len(bars), 2):
        for column, (title, counts, colours) in zip(
            st.columns(2, gap="large"), bars[start : start + 2], strict=False
        ):
            with column:
                st.markdown(f"**{title}**")
                st.vega_lite_chart(bar_chart(title, counts, colours), width="stretch")


def bar_chart(title: str, counts: Mapping[str, int], colours: Mapping[str, str]) -> dict[str, Any]:
    """Return a bar for each name, with its count.

    Args:
        title: what is counted, for screen readers.
        counts: by name, in their order.
        colours: by name; the others are blue.
    """
    names = list(counts)
    total = max(sum(counts.values()), 1)
    rows = [{"name": n, "count": c, "share": c / total} for n, c in counts.items()]
    text = ", ".join(f"{name}: {count:,}" for name, count in counts.items())
    return {
        "description": f"{title}. {text}",
        "data": {"values": rows},
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "height": HEIGHT_PX,
        "encoding": {
            "x": {
                "field": "name",
                "type": "nominal",
                "sort": names,
                "axis": {"title": None, "labelAngle": 0 if len(names) < 5 else -40},
            },
            "y": {
                "field": "count",
                "type": "quantitative",
                "axis": {"title": None, "tickCount": 4, "format": "~s", "labelExpr": WHOLE_NUMBERS},
            },
            "color": {
                "field": "name",
                "type": "nominal",
                "legend": None,
                "scale": {"domain": names, "range": [colours.get(n, _BLUE) for n in names]},
            },
            "tooltip": [
                {"field": "name", "type": "nominal", "title": title},
                {"field": "count", "type": "quantitative", "format": ","},
                {"field": "share", "type": "quantitative", "format": ".1%"},
            ],
        },
        "config": {"view": {"stroke": None}},
    }


def _size(px: int) -> str:
    return f"{px}+" if px == MAX_SIZE_PX else str(px)
