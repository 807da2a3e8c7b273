"""How exact the landmarks are, and whether that matters for emotion, as a piece of a page."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

import streamlit as st

from realtime.results.landmarks import IMPACT, LANDMARKS, ImpactRun, LandmarkRun
from realtime.results.stored import ROOT, Header, ResultsError, Stored
from realtime.ui.explore.chart_parts import show
from realtime.ui.explore.figures_table import figures_table
from realtime.ui.explore.landmark_charts import error_chart, impact_chart
from realtime.ui.explore.titles import detector_title, set_title

DOCS = ROOT / "docs"
EXACT, IMPACT_TITLE = "How exact they are", "Does it matter for emotion?"
TABLE = "The figures as a table"
T = TypeVar("T")
_PICTURE = re.compile(r"!\[(.*)\]\((.+)\)\n")
_TABLE = re.compile(r"^((?:\|.*\n?)+)", re.MULTILINE)
_FIGURES = re.compile(r"<!-- (figures|impact) -->.*?<!-- end -->\n", re.DOTALL)


def landmark_study() -> None:
    """Both questions: by charts of stored figures, else as the document tells it."""
    st.header("Landmarks: how exact, and does it matter?", anchor=False)
    _part(IMPACT_TITLE, IMPACT, _impact)
    _part(EXACT, LANDMARKS, _exact)


def section(title: str, text: str) -> str:
    """The part of a document under the heading of that level and name; empty where it is gone."""
    _, _, rest = text.partition(f"## {title}\n")
    return rest.partition("\n## ")[0].strip() + "\n" if rest else ""


def _part(title: str, stored: Stored[T], charts: Callable[[T], Header]) -> None:
    st.subheader(title, anchor=False)
    told = section(title, (DOCS / "landmarks.md").read_text(encoding="utf-8"))
    try:
        run = stored.read()
    except ResultsError as error:
        _as_written(told)
        st.caption(f"From docs/landmarks.md. {error}")
        return
    words = _FIGURES.sub("", _PICTURE.sub("", told))
    introduction, _, findings = words.partition("\n\n")
    st.markdown(introduction)
    header = charts(run)
    for part in _TABLE.split(findings):
        with st.expander(TABLE, icon=":material/table:") if part[:1] == "|" else nullcontext():
            st.markdown(part)
    st.caption(
        f"Figures from benchmarks/results/{stored.name}: {header.date}, {header.machine}, "
        f"code {header.commit}. The findings are docs/landmarks.md's."
    )


def _as_written(told: str) -> None:
    """The document's section with its picture."""
    before, *after = _PICTURE.split(told, maxsplit=1)
    st.markdown(before)
    if after:
        alternative, file, rest = after
        st.image(str(DOCS / file), caption=alternative)
        st.markdown(re.sub(r"<!--.*?-->\n", "", rest))


def _impact(run: ImpactRun) -> Header:
    for column, one in zip(st.columns(len(run.sets), gap="large"), run.sets, strict=True):
        with column:
            st.markdown(f"**{set_title(one.name)}**, {one.faces:,} faces")
            show(impact_chart(one))
    with st.expander(TABLE, icon=":material/table:"):
        for one in run.sets:
            st.markdown(f"**{set_title(one.name)}**")
            rows = [
                {
                    "points": row.points,
                    "accuracy": str(row.accuracy),
                    "against the mesh": f"{row.difference.value:+.3f} "
                    f"[{row.difference.low:+.3f}, {row.difference.high:+.3f}]",
                }
                for row in one.rows
            ]
            figures_table(f"Accuracy by points, {set_title(one.name)}", rows)
    return run.header


def _exact(run: LandmarkRun) -> Header:
    show(error_chart(run))
    rows = [
        {
            "landmarks": row.landmarks,
            "boxes from": detector_title(row.source),
            "mean error": f"{row.mean.value:.4f} [{row.mean.low:.4f}, {row.mean.high:.4f}]",
            "without jaw": f"{row.inner:.4f}",
            "error over 0.08": f"{row.failed:.1%}",
        }
        for row in run.rows
    ]
    with st.expander(TABLE, icon=":material/table:"):
        figures_table("Errors by landmarks", rows)
    times = ", ".join(f"{name} {ms:.2f}" for name, ms in run.ms.items())
    st.markdown(f"Milliseconds a face in one thread, crop included: {times}.")
    return run.header
