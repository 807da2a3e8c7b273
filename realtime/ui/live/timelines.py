"""The live page's last minute: masks over time, and the emotions of those seen most."""

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
EMPTY = "Press Start: this shows how many people wore a mask, and how each one's emotions changed."


def live_timelines(track: LiveTrack) -> None:
    """Charts of the last minute of this stream; a hint before there is one."""
    now_s = track.elapsed_s
    if now_s is None:
        st.info(EMPTY)
        return
    rows = track.table.rows(since_s=now_s - SPAN_S)
    st.markdown("**People and their masks**, by seconds ago")
    st.html(legend_html(MASK_COLOURS))
    counts = mask_counts(rows, now_s)
    steps = [*counts, (0.0, counts[-1][1])]  # the newest second reaches to the right edge
    values = [
        {"time_s": round(time_s, 2), "mask": name, "faces": n}
        for time_s, row in steps
        for name, n in zip(MASK_COLOURS, row, strict=True)
    ]
    st.vega_lite_chart(values, _minute(count_timeline(height_px=HEIGHT_PX)))
    st.markdown("**Emotions of those seen most**, by seconds ago")
    people = emotion_timelines(rows, now_s)
    if not people:
        st.caption("No face's emotion is known in the last minute.")
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
    """The chart over the last minute, the same at each refresh so that only its data change.

    One legend above serves all charts.
    """
    encoding = spec["encoding"]
    encoding["x"]["scale"] |= {"domain": [-SPAN_S, 0]}
    encoding["x"]["axis"] |= {"title": None, "labelExpr": "abs(datum.value)"}
    encoding["color"]["legend"] = None
    return spec
