"""The section of the Explore page on landmark accuracy and its effect on emotion recognition."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

import streamlit as st

from realtime.results.landmarks import IMPACT, LANDMARKS, ImpactRun, LandmarkRun, display_name
from realtime.results.stored import ROOT, Environment, ResultsError, StoredResults
from realtime.ui.explore.chart_parts import show_chart
from realtime.ui.explore.landmark_charts import error_chart, impact_chart, source_title
from realtime.ui.explore.results_table import results_table
from realtime.ui.explore.titles import set_title

DOCS = ROOT / "docs"
# Headings in docs/landmarks.md whose text is shown.
ACCURACY_HEADING, IMPACT_HEADING = "How exact they are", "Does it matter for emotion?"
TABLE_LABEL = "Show as table"
T = TypeVar("T")
_IMAGE = re.compile(r"!\[(.*)\]\((.+)\)\n")
_TABLE = re.compile(r"^((?:\|.*\n?)+)", re.MULTILINE)
_RESULTS = re.compile(r"<!-- (figures|impact) -->.*?<!-- end -->\n", re.DOTALL)


def landmark_study() -> None:
    """Show charts of the stored results, or the document's tables and images without them."""
    st.header("Landmark accuracy", anchor=False)
    _section("Effect on emotion recognition", IMPACT_HEADING, IMPACT, _show_impact)
    _section("Landmark error", ACCURACY_HEADING, LANDMARKS, _show_errors)


def document_section(heading: str, text: str) -> str:
    """Return the text under a second-level heading; empty if the heading does not exist."""
    _, _, rest = text.partition(f"## {heading}\n")
    return rest.partition("\n## ")[0].strip() + "\n" if rest else ""


def _section(
    title: str, heading: str, stored: StoredResults[T], show: Callable[[T], Environment]
) -> None:
    st.subheader(title, anchor=False)
    text = document_section(heading, (DOCS / "landmarks.md").read_text(encoding="utf-8"))
    try:
        run = stored.read()
    except ResultsError as error:
        _show_document(text)
        st.caption(f"Source: docs/landmarks.md. {error}")
        return
    introduction, _, findings = _RESULTS.sub("", _IMAGE.sub("", text)).partition("\n\n")
    st.markdown(introduction)
    environment = show(run)
    for part in _TABLE.split(findings):
        is_table = part[:1] == "|"
        with st.expander(TABLE_LABEL, icon=":material/table:") if is_table else nullcontext():
            st.markdown(part)
    st.caption(
        f"Sources: benchmarks/results/{stored.name}, {environment.date}, {environment.machine}, "
        f"commit {environment.commit}; text: docs/landmarks.md."
    )


def _show_document(text: str) -> None:
    """Show a section of the document with its image."""
    before, *image = _IMAGE.split(text, maxsplit=1)
    st.markdown(before)
    if image:
        alternative, file, after = image
        st.image(str(DOCS / file), caption=alternative)
        st.markdown(re.sub(r"<!--.*?-->\n", "", after))


def _show_impact(run: ImpactRun) -> Environment:
    for column, results in zip(st.columns(len(run.sets), gap="large"), run.sets, strict=True):
        with column:
            st.markdown(f"**{set_title(results.name)}**, {results.faces:,} faces")
            show_chart(impact_chart(results))
    with st.expander(TABLE_LABEL, icon=":material/table:"):
        for results in run.sets:
            st.markdown(f"**{set_title(results.name)}**")
            rows = [
                {
                    "alignment": display_name(row.points),
                    "accuracy": str(row.accuracy),
                    "difference from mesh": f"{row.difference.value:+.3f} "
                    f"[{row.difference.low:+.3f}, {row.difference.high:+.3f}]",
                }
                for row in results.rows
            ]
            results_table(f"Accuracy by alignment, {set_title(results.name)}", rows)
    return run.environment


def _show_errors(run: LandmarkRun) -> Environment:
    show_chart(error_chart(run))
    rows = [
        {
            "landmarks": display_name(row.landmarks),
            "boxes": source_title(row.source),
            "mean error": f"{row.mean.value:.4f} [{row.mean.low:.4f}, {row.mean.high:.4f}]",
            "without jaw": f"{row.inner:.4f}",
            "error over 0.08": f"{row.failed:.1%}",
        }
        for row in run.rows
    ]
    with st.expander(TABLE_LABEL, icon=":material/table:"):
        results_table("Errors by landmark method", rows)
    times = ", ".join(f"{display_name(name)} {ms:.2f} ms" for name, ms in run.ms.items())
    st.markdown(f"Time per face on one thread, cropping included: {times}.")
    return run.environment
