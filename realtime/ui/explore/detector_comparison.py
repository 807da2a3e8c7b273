"""The face detectors beside each other, as a piece of a page."""

from __future__ import annotations

import streamlit as st

from realtime.results.detectors import DetectionRun, DetectorFigures
from realtime.ui.explore.chart_parts import show
from realtime.ui.explore.detector_charts import curve_chart, mask_chart, size_chart, speed_chart
from realtime.ui.explore.figures_table import figures_table
from realtime.ui.explore.titles import detector_title


def detector_comparison(run: DetectionRun) -> None:
    """Charts and a table of the detectors that the visitor leaves in."""
    st.header("Which detector finds which faces", anchor=False)
    known = {detector_title(one.name): one for one in run.detectors}
    kept = st.pills(
        "Detectors",
        list(known),
        selection_mode="multi",
        default=list(known),
        help="Press one to leave it out or to take it in again.",
        key="detectors",
    )
    shown = {title: one for title, one in known.items() if title in kept}
    if not shown:
        st.info("Choose one detector or more to see what it is worth.")
        return
    pictures = run.pictures
    st.markdown(
        f"Crowded scenes of WIDER FACE ({pictures['wider_val']} pictures of at most 640 px), "
        f"masked and bare faces in public places ({pictures['mask_scenes']}), and scenes without "
        f"a face ({pictures['scenes_without_faces']}). Average precision takes in all answers; "
        "shares of faces found hold at each detector's own least score."
    )
    if any(one.ms is not None for one in shown.values()):
        st.subheader("How good, and how fast", anchor=False)
        show(speed_chart(shown))
    by_size, by_mask = st.columns(2, gap="large")
    with by_size:
        st.subheader("Small, medium and large faces", anchor=False)
        show(size_chart(shown))
        st.caption(
            "Heights in the picture: "
            + ", ".join(f"{size} ({n} faces)" for size, n in run.faces_by_size.items())
        )
    with by_mask:
        st.subheader("Masked against bare", anchor=False)
        show(mask_chart(shown))
        st.caption("Both in the same scenes, so that the mask is what differs most.")
    if any(one.curve for one in shown.values()):
        st.subheader("Precision against recall", anchor=False)
        show(curve_chart(shown))
    st.subheader("All figures", anchor=False)
    figures_table("All figures by detector", [_row(t, one) for t, one in shown.items()])
    st.caption(
        f"Figures from benchmarks/results/detection.json: {run.header.date}, "
        f"{run.header.machine}, code {run.header.commit}. Milliseconds: median for 640×480, one "
        "thread, with all before and after the network; false alarms: a picture without a face."
    )


def _row(title: str, one: DetectorFigures) -> dict[str, str]:
    return {
        "detector": title,
        "AP@0.5": f"{one.average_precision:.3f}",
        "precision": f"{one.precision:.3f}",
        "recall": f"{one.recall:.3f}",
        "masked found": f"{one.masked_recall:.3f}",
        "false alarms": f"{one.false_alarms:.3f}",
        "ms": "–" if one.ms is None else f"{one.ms:.1f}",
        "MB": f"{one.size_bytes / 1e6:.2f}" if one.size_bytes else "–",
    }
