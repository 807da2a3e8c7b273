"""The controls that choose faces."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from realtime.attribute.registry import ATTRIBUTES, Attribute
from realtime.bulk.summary import FaceFilter
from realtime.core.answers import UNSURE

ALL = "all"
SIZES_PX = (0, 20, 40, 80, 160, 320)


def face_filter(attributes: Iterable[str]) -> FaceFilter:
    """Show the controls of these attributes, and return what they choose."""
    names = list(attributes)
    columns = st.columns(len(names) + 1)
    labels = {}
    for column, name in zip(columns, names, strict=False):
        with column:
            label = _label_choice(ATTRIBUTES[name])
        if label != ALL:
            labels[name] = label
    with columns[-1]:
        smallest = st.selectbox(
            "Minimum size",
            SIZES_PX,
            format_func=lambda px: f"{px} px" if px else ALL,
            key="side",
            bind="query-params",
            help="Shorter side of the face's box.",
        )
    return FaceFilter(labels=labels, min_side_px=float(smallest or 0))


def _label_choice(attribute: Attribute) -> str:
    def caption(label: str) -> str:
        return label if label in (ALL, UNSURE) else attribute.caption(label)

    chosen = st.selectbox(
        attribute.title,
        [ALL, *attribute.labels, UNSURE],
        format_func=caption,
        key=attribute.name,
        bind="query-params",
    )
    return str(chosen or ALL)
