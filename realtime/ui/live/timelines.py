"""The live page's charts of the last minute: masks, and emotions of the most visible faces."""

from __future__ import annotations

from typing import Any

import streamlit as st

from realtime.live.live_track import LiveTrack
from realtime.live.timeline import SPAN_S, PersonTimeline, emotion_timelines, mask_counts
from realtime.ui.charts import (
    EMOTION_COLOURS,
    MASK_COLOURS,
    count_timeline,
    emotion_rows,
    emotion_timeline,
    legend_html,
)

REFRESH_S = 2.0
HEIGHT_PX = 130
TIME_LABEL = "datum.value === 0 ? 'now' : '−' + abs(datum.value) + ' s'"
EMPTY = "Press Start to see masks and emotions over the last minute."


def live_timelines(track: LiveTrack) -> None:
    """Show charts of the stream's last minute, or a hint before it starts."""
    now_s = track.elapsed_s
    if now_s is None:
        st.info(EMPTY)
        return
    rows = track.table.rows(since_s=now_s - SPAN_S)
    st.markdown("**Masks over the last minute**")
    st.html(legend_html(MASK_COLOURS))
    counts = mask_counts(rows, now_s)
    steps = [*counts, (0.0, counts[-1][1])]  # extends the newest second to now
    values = [
        {"time_s": round(time_s, 2), "mask": name, "faces": n}
        for time_s, row in steps
        for name, n in zip(MASK_COLOURS, row, strict=True)
    ]
    masks = _minute(count_timeline(height_px=HEIGHT_PX))
    # Vega complains of an axis without limits as long as it has no data.
    masks["encoding"]["y"]["scale"] = {"domain": [0, max(1, *(sum(row) for _, row in counts))]}
    st.vega_lite_chart(values, masks)
    st.markdown("**Emotions over the last minute**")
    people = emotion_timelines(rows, now_s)
    if not people:
        st.caption("No emotions in the last minute.")
        return
    st.html(legend_html(EMOTION_COLOURS))
    for pair in (people[:2], people[2:]):
        for column, person in zip(st.columns(2, gap="medium"), pair, strict=False):
            with column:
                _person(person)


def _person(person: PersonTimeline) -> None:
    st.caption(f"Face {person.track_id}")
    rows = emotion_rows(person.time_s, person.probabilities)
    st.vega_lite_chart(rows, _minute(emotion_timeline(height_px=HEIGHT_PX)))


def _minute(spec: dict[str, Any]) -> dict[str, Any]:
    """Adapt a chart to the last minute; fixed, so that a refresh changes only its data.

    One legend above serves all charts.
    """
    encoding = spec["encoding"]
    encoding["x"]["scale"] |= {"domain": [-SPAN_S, 0]}
    encoding["x"]["axis"] |= {"title": None, "labelExpr": TIME_LABEL}
    encoding["color"]["legend"] = None
    return spec
