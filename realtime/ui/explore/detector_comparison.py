"""The section of the Explore page that compares the face detectors."""

from __future__ import annotations

import streamlit as st

from realtime.results.detectors import DetectionRun, DetectorMetrics
from realtime.ui.explore.chart_parts import show_chart
from realtime.ui.explore.detector_charts import curve_chart, mask_chart, size_chart, speed_chart
from realtime.ui.explore.results_table import results_table
from realtime.ui.explore.titles import detector_title


def detector_comparison(run: DetectionRun) -> None:
    """Show charts and a table of the detectors that the visitor has selected."""
    st.header("Detector comparison", anchor=False)
    by_title = {detector_title(metrics.name): metrics for metrics in run.detectors}
    selected = st.pills(
        "Detectors",
        list(by_title),
        selection_mode="multi",
        default=list(by_title),
        help="Select the detectors to compare.",
        key="detectors",
    )
    shown = {title: metrics for title, metrics in by_title.items() if title in selected}
    if not shown:
        st.info("Select at least one detector.")
        return
    images = run.images
    st.markdown(
        f"Evaluated on crowded scenes from WIDER FACE ({images['wider_val']} images of at most "
        f"640 px), on faces with and without masks in public places ({images['mask_scenes']} "
        f"images) and on scenes without faces ({images['scenes_without_faces']} images). Average "
        "precision covers all thresholds; precision, recall and false positives are at each "
        "detector's default threshold."
    )
    if any(metrics.ms is not None for metrics in shown.values()):
        st.subheader("Accuracy and speed", anchor=False)
        show_chart(speed_chart(shown))
    by_size, by_mask = st.columns(2, gap="large")
    with by_size:
        st.subheader("Recall by face size", anchor=False)
        show_chart(size_chart(shown))
        sizes = ", ".join(f"{size} ({n} faces)" for size, n in run.faces_by_size.items())
        st.caption(f"Face height in the image: {sizes}.")
    with by_mask:
        st.subheader("Recall by mask", anchor=False)
        show_chart(mask_chart(shown))
        st.caption("Faces in the same scenes, so that they differ mainly by the mask.")
    if any(metrics.curve for metrics in shown.values()):
        st.subheader("Precision-recall curves", anchor=False)
        show_chart(curve_chart(shown))
    st.subheader("All results", anchor=False)
    results_table("All results by detector", [_row(t, metrics) for t, metrics in shown.items()])
    environment = run.environment
    st.caption(
        "ms: median per 640×480 frame on one thread, pre- and postprocessing included. False "
        "positives: per image without faces. Source: benchmarks/results/detection.json, "
        f"{environment.date}, {environment.machine}, commit {environment.commit}."
    )


def _row(title: str, metrics: DetectorMetrics) -> dict[str, str]:
    return {
        "detector": title,
        "AP@0.5": f"{metrics.average_precision:.3f}",
        "precision": f"{metrics.precision:.3f}",
        "recall": f"{metrics.recall:.3f}",
        "recall, masked": f"{metrics.masked_recall:.3f}",
        "false positives": f"{metrics.false_positives:.3f}",
        "ms": "–" if metrics.ms is None else f"{metrics.ms:.1f}",
        "MB": f"{metrics.size_bytes / 1e6:.2f}" if metrics.size_bytes else "–",
    }
