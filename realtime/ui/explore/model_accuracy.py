"""The accuracy of a model, as charts and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from realtime.results.classifiers import BareFaceMetrics, ClassMetrics, SetMetrics
from realtime.results.stored import Interval
from realtime.ui.explore.chart_parts import show_chart
from realtime.ui.explore.model_charts import (
    bare_face_chart,
    class_chart,
    class_title,
    confusion_chart,
    group_chart,
    reliability_chart,
)
from realtime.ui.explore.results_table import results_table
from realtime.ui.explore.titles import set_title

# The set shown first, where that is not the first one in the results.
DEFAULT_SETS = {"emotion": "fer2013_private_test"}
# Titles of the metrics in the cards of models that do not classify.
METRIC_TITLES = {
    "faces": "faces",
    "mean": "mean error",
    "median": "median error",
    "inner": "mean error without jaw",
    "auc": "area under the curve",
    "failed": "error over 0.08",
    "wider_val_ap": "AP@0.5",
    "wider_val_best_f1": "best F1",
    "min_score": "threshold",
    "wider_val_f1": "F1 at threshold",
    "masked_recall": "recall, masked",
    "false_alarms_per_empty_picture": "false positives per image without faces",
}


def default_set(model: str, sets: Sequence[SetMetrics]) -> SetMetrics:
    """The set that is shown first."""
    return next((one for one in sets if one.name == DEFAULT_SETS.get(model)), sets[0])


def headline(metrics: SetMetrics) -> str:
    """How often a model is right and where it is right least often, in two sentences."""
    right = f"Right on **{metrics.accuracy.value:.0%}** of {metrics.faces:,} faces it had not seen"
    known = [one for one in metrics.classes if one.faces]
    text = f"{right} ({set_title(metrics.name)})."
    if len(known) > 1:
        worst = min(known, key=lambda one: one.recall)
        text += (
            f" Hardest: **{class_title(worst.name)}**, of which it recognises {worst.recall:.0%}."
        )
    return text


def show_accuracy(model: str, sets: Sequence[SetMetrics]) -> None:
    """Show the accuracy of a classifier on one labelled data set, which the visitor selects."""
    st.subheader("Accuracy", anchor=False)
    by_name = {metrics.name: metrics for metrics in sets}
    default = default_set(model, sets).name
    selected = st.selectbox(
        "Data set",
        list(by_name),
        index=list(by_name).index(default),
        format_func=lambda name: f"{set_title(name)} ({by_name[name].truth})",
        key=f"data-set-{model}",
        help="Faces that the model was not trained on, and where their true labels come from.",
    )
    metrics = by_name[selected]
    _show_summary(metrics)
    classes, confusion = st.columns(2, gap="large")
    with classes:
        st.markdown("**By class**")
        show_chart(class_chart(metrics))
    if metrics.confusion:
        with confusion:
            st.markdown("**Confusion matrix**")
            show_chart(confusion_chart(metrics))
    table, reliability = st.columns(2, gap="large")
    with table:
        results_table("Metrics by class", [_class_row(one) for one in metrics.classes])
    if metrics.reliability:
        with reliability:
            st.markdown("**Calibration**")
            show_chart(reliability_chart(metrics.reliability))
            st.caption("The dashed line is perfect calibration. Larger dots contain more faces.")
    if metrics.groups:
        st.markdown("**By group of people**")
        show_chart(group_chart(metrics))


def _class_row(metrics: ClassMetrics) -> dict[str, str]:
    return {
        "class": class_title(metrics.name),
        "faces": f"{metrics.faces:,}",
        "recall": f"{metrics.recall:.3f}",
        "precision": f"{metrics.precision:.3f}",
        "F1": f"{metrics.f1:.3f}",
    }


def _show_summary(metrics: SetMetrics) -> None:
    with st.container(horizontal=True, gap="medium"):
        _show_metric("Faces", f"{metrics.faces:,}")
        _show_interval("Accuracy", metrics.accuracy, "Share of predictions that are right.")
        _show_interval(
            "Macro-F1", metrics.macro_f1, "Mean F1 over the classes: rare classes count as much."
        )
        _show_interval(
            "Calibration error",
            metrics.calibration_error,
            "Mean gap between the model's confidence and its accuracy.",
        )
        if metrics.coverage is not None and metrics.covered_accuracy is not None:
            _show_metric(
                "Coverage",
                f"{metrics.coverage:.1%}",
                f"{metrics.covered_accuracy:.1%} accuracy",
                "Share of faces that get a label, and the accuracy on them. The others are shown "
                'as "unsure".',
            )


def _show_interval(label: str, value: Interval, description: str) -> None:
    _show_metric(label, f"{value.value:.3f}", f"{value.low:.3f} to {value.high:.3f}", description)


def _show_metric(
    label: str, value: str, detail: str | None = None, description: str | None = None
) -> None:
    """Show a value with a detail, such as its interval, below."""
    st.metric(
        label,
        value,
        detail,
        help=description,
        delta_color="off",
        delta_arrow="off",
        width="content",
    )


def show_bare_faces(sets: Sequence[BareFaceMetrics]) -> None:
    """Show how often faces without a mask are classified as masked."""
    st.subheader("False positives on faces without a mask", anchor=False)
    show_chart(bare_face_chart(sets))
    results_table(
        "False positives on faces without a mask, by data set",
        [
            {
                "data set": set_title(one.name),
                "faces": f"{one.faces:,}",
                "mask": f"{one.masked:.2%}",
                "incorrect mask": f"{one.incorrect:.2%}",
                "mask, without unsure": f"{one.confident_masked:.2%}",
                "incorrect mask, without unsure": f"{one.confident_incorrect:.2%}",
            }
            for one in sets
        ],
    )


def show_other_metrics(metrics: Mapping[str, Mapping[str, Any]]) -> None:
    """Show the metrics of a model that does not classify, a row per evaluation."""
    st.subheader("Accuracy", anchor=False)
    rows = [
        {"evaluation": name.replace("_", " ")}
        | {
            METRIC_TITLES.get(key, key.replace("_", " ")): _format(value)
            for key, value in values.items()
        }
        for name, values in metrics.items()
    ]
    results_table("Metrics by evaluation", rows)


def _format(value: Any) -> str:
    return str(Interval.from_json(value)) if isinstance(value, Mapping) else f"{value:.4g}"
