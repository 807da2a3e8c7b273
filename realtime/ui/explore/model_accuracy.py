"""How often a model is right, as charts and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from realtime.results.classifiers import BareFigures, ClassFigures, SetFigures
from realtime.results.stored import Interval
from realtime.ui.explore.chart_parts import show
from realtime.ui.explore.figures_table import figures_table
from realtime.ui.explore.model_charts import (
    bare_chart,
    class_chart,
    confusion_chart,
    group_chart,
    reliability_chart,
    words,
)
from realtime.ui.explore.titles import set_title

# Sets that say more of a model than the first of its card does.
HEADLINE = {"emotion": "fer2013_private_test"}
# What cards call the figures of models that name no classes.
FIGURES = {
    "faces": "faces",
    "mean": "mean error",
    "median": "median error",
    "inner": "without jaw",
    "auc": "area under the curve",
    "failed": "failed",
    "wider_val_ap": "AP@0.5",
    "wider_val_best_f1": "best F1",
    "min_score": "least score",
    "wider_val_f1": "F1 there",
    "masked_recall": "masked faces found",
    "false_alarms_per_empty_picture": "false alarms an empty picture",
}


def labelled_faces(name: str, sets: Sequence[SetFigures]) -> None:
    """One labelled set of a model, chosen where there are several."""
    st.subheader("How often it is right", anchor=False)
    by_name = {one.name: one for one in sets}
    first = HEADLINE.get(name, sets[0].name)
    chosen = st.selectbox(
        "Judged on",
        list(by_name),
        index=list(by_name).index(first) if first in by_name else 0,
        format_func=lambda key: f"{set_title(key)} ({by_name[key].truth})",
        key=f"judged-{name}",
        help="Faces that the model never saw in training, and what counts as right for them.",
    )
    figures = by_name[chosen]
    _summary(figures)
    by_class, confused = st.columns(2, gap="large")
    with by_class:
        st.markdown("**By class**")
        show(class_chart(figures))
    if figures.confusion:
        with confused:
            st.markdown("**What is taken for what**")
            show(confusion_chart(figures))
    in_figures, reliable = st.columns(2, gap="large")
    with in_figures:
        figures_table("Figures by class", [_class(one) for one in figures.classes])
    if figures.reliability:
        with reliable:
            st.markdown("**How sure, and how often right**")
            show(reliability_chart(figures.reliability))
            st.caption("On the dashed line both agree. Larger dots stand for more faces.")
    if figures.groups:
        st.markdown("**By group of people**")
        show(group_chart(figures))


def _class(one: ClassFigures) -> dict[str, str]:
    return {
        "class": words(one.name),
        "faces": f"{one.faces:,}",
        "recall": f"{one.recall:.3f}",
        "precision": f"{one.precision:.3f}",
        "F1": f"{one.f1:.3f}",
    }


def _summary(figures: SetFigures) -> None:
    with st.container(horizontal=True, gap="medium"):
        _metric("Faces", f"{figures.faces:,}")
        _ranged("Accuracy", figures.accuracy, "Share of right answers.")
        _ranged("Macro-F1", figures.macro_f1, "Mean F1 of the classes: rare ones count as much.")
        _ranged(
            "Calibration error",
            figures.calibration_error,
            "The mean gap between how sure the model is and how often it is right.",
        )
        if figures.share_sure is not None and figures.accuracy_when_sure is not None:
            _metric(
                "Sure answers",
                f"{figures.share_sure:.1%}",
                f"{figures.accuracy_when_sure:.1%} of them right",
                "Answers that are a close call are called unsure and left out here.",
            )


def _ranged(label: str, figure: Interval, about: str) -> None:
    _metric(label, f"{figure.value:.3f}", f"{figure.low:.3f} to {figure.high:.3f}", about)


def _metric(label: str, value: str, below: str | None = None, about: str | None = None) -> None:
    """A figure in large, with what it ranges over below."""
    st.metric(
        label, value, below, help=about, delta_color="off", delta_arrow="off", width="content"
    )


def bare_faces(bare: Sequence[BareFigures]) -> None:
    """How often bare faces are called masked."""
    st.subheader("Bare faces called masked", anchor=False)
    show(bare_chart(bare))
    figures_table(
        "Bare faces called masked, by set",
        [
            {
                "faces of": set_title(one.name),
                "faces": f"{one.faces:,}",
                "called masked": f"{one.called_masked:.2%}",
                "worn wrongly": f"{one.called_incorrect:.2%}",
                "surely masked": f"{one.surely_masked:.2%}",
                "surely wrongly": f"{one.surely_incorrect:.2%}",
            }
            for one in bare
        ],
    )


def other_figures(metrics: Mapping[str, Mapping[str, Any]]) -> None:
    """The figures of a model that names no classes, a row for each way it was judged."""
    st.subheader("How good it is", anchor=False)
    rows = [
        {"judged": name.replace("_", " ")}
        | {FIGURES.get(key, key.replace("_", " ")): _text(value) for key, value in told.items()}
        for name, told in metrics.items()
    ]
    figures_table("Figures by way of judging", rows)


def _text(value: Any) -> str:
    return str(Interval.of(value)) if isinstance(value, Mapping) else f"{value:.4g}"
