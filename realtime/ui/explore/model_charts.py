"""Charts of a classifier's accuracy: by class and group, confusion matrix, reliability diagram."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.results.classifiers import BareFaceMetrics, ConfidenceBin, SetMetrics
from realtime.ui.explore.chart_parts import (
    BLUE,
    GRAY,
    Spec,
    layered_chart,
    name_axis,
    percent_axis,
    series,
    text_colour,
    tooltip,
)
from realtime.ui.explore.titles import set_title

CLASS_TITLES = {"with_mask": "mask", "without_mask": "no mask", "incorrect": "incorrect mask"}
ROW_PX = 34
AXES_PX = 100  # Vega-Lite's chart height includes the axis and the legend


def class_title(label: str) -> str:
    """The display name of a class."""
    return CLASS_TITLES.get(label, label)


def class_chart(metrics: SetMetrics) -> Spec:
    """Recall and precision of each class."""
    kinds = (
        "Recall (share of real cases found)",
        "Precision (share of predictions that are right)",
    )
    rows = [
        {"class": class_title(one.name), "metric": kind, "value": value, "faces": one.faces}
        for one in metrics.classes
        for kind, value in zip(kinds, (one.recall, one.precision), strict=True)
    ]
    order = [class_title(one.name) for one in metrics.classes]
    titles = {"class": "class", "metric": "metric", "value": "value", "faces": "faces"}
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": name_axis("class", order),
            "yOffset": {"field": "metric", "sort": list(kinds)},
            "x": percent_axis("value", None),
            "color": series("metric", kinds, columns=1),
            "tooltip": tooltip(**titles),
        },
    }
    description = f"Bars of recall and precision for each class of {metrics.name}."
    return layered_chart(description, rows, bars, height_px=ROW_PX * len(order) + AXES_PX)


def confusion_chart(metrics: SetMetrics) -> Spec:
    """The confusion matrix: for each true class (rows), the share of each prediction (columns)."""
    labels = [class_title(label) for label in metrics.labels]
    rows = [
        {"true": true, "predicted": predicted, "faces": n, "share": n / max(sum(counts), 1)}
        for true, counts in zip(labels, metrics.confusion, strict=True)
        for predicted, n in zip(labels, counts, strict=True)
        if sum(counts)
    ]
    angle = 0 if len(labels) < 4 else -40
    position = {
        "y": name_axis("true", labels, title="true class"),
        "x": name_axis(
            "predicted", labels, title="predicted class", orient="top", labelAngle=angle
        ),
    }
    cells = {
        "mark": {"type": "rect", "color": BLUE, "cornerRadius": 3},
        "encoding": {
            **position,
            "opacity": {
                "field": "share",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [0.04, 1]},
                "legend": None,
            },
            "tooltip": tooltip(
                true="true class",
                predicted="predicted class",
                faces="faces",
                share="share of true class",
            ),
        },
    }
    colour = {"condition": {"test": "datum.share > 0.55", "value": "#fff"}, "value": text_colour()}
    shares = {
        "mark": {"type": "text", "fontSize": 12},
        "encoding": {
            **position,
            "text": {"field": "share", "format": ".0%"},
            "color": colour,
        },
    }
    description = (
        f"Confusion matrix of {metrics.name}: for each true class, the share of each prediction."
    )
    height_px = ROW_PX * len(labels) + AXES_PX
    return layered_chart(description, rows, cells, shares, height_px=height_px)


def reliability_chart(bins: Sequence[ConfidenceBin]) -> Spec:
    """Reliability diagram: accuracy by confidence; the dashed line is perfect calibration."""
    rows = [
        {"confidence": b.confidence, "accuracy": b.accuracy, "faces": b.faces, "from": 0, "to": 1}
        for b in bins
    ]
    # Aggregated from the rows of the points, so that the chart needs only one data set.
    diagonal = {
        "mark": {"type": "rule", "strokeDash": [5, 4], "color": GRAY},
        "transform": [{"aggregate": [{"op": "min", "field": e, "as": e} for e in ("from", "to")]}],
        "encoding": {
            "x": {"field": "from", "type": "quantitative"},
            "y": {"field": "from", "type": "quantitative"},
            "x2": {"field": "to"},
            "y2": {"field": "to"},
        },
    }
    points = {
        "mark": {"type": "circle", "opacity": 0.85},
        "encoding": {
            "x": percent_axis("confidence", "confidence"),
            "y": percent_axis("accuracy", "accuracy"),
            "size": {
                "field": "faces",
                "type": "quantitative",
                "scale": {"range": [40, 500]},
                "legend": None,
            },
            "tooltip": tooltip(confidence="confidence", accuracy="accuracy", faces="faces"),
        },
    }
    description = "Reliability diagram: accuracy over confidence; larger dots contain more faces."
    return layered_chart(description, rows, diagonal, points, height_px=300)


def group_chart(metrics: SetMetrics) -> Spec:
    """Accuracy by group of people, with confidence intervals."""
    rows = [
        {
            "group": group.name,
            "faces": group.faces,
            "accuracy": group.accuracy.value,
            "low": group.accuracy.low,
            "high": group.accuracy.high,
        }
        for group in metrics.groups
    ]
    min_accuracy = min(group.accuracy.low for group in metrics.groups)
    scale = {"domain": [max(0.0, min_accuracy - 0.02), 1], "nice": True}
    y = name_axis("group", [group.name for group in metrics.groups])
    intervals = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": GRAY},
        "encoding": {
            "y": y,
            "x": percent_axis("low", "accuracy", scale=scale),
            "x2": {"field": "high"},
        },
    }
    dots = {
        "mark": {"type": "circle", "size": 80, "opacity": 1},
        "encoding": {
            "y": y,
            "x": percent_axis("accuracy", "accuracy", scale=scale),
            "tooltip": tooltip(
                group="group", faces="faces", accuracy="accuracy", low="from", high="to"
            ),
        },
    }
    description = f"Accuracy by group of people on {metrics.name}, with 95 % intervals."
    return layered_chart(description, rows, intervals, dots, height_px=18 * len(rows) + 60)


def bare_face_chart(sets: Sequence[BareFaceMetrics]) -> Spec:
    """Share of faces without a mask that are classified as masked, with and without unsure ones."""
    kinds = ("all results", "without unsure results")
    rows = [
        {"set": set_title(one.name), "kind": kind, "share": share, "faces": one.faces}
        for one in sets
        for kind, share in zip(kinds, (one.masked, one.confident_masked), strict=True)
    ]
    names = [set_title(one.name) for one in sets]
    max_share = max(max(one.masked, one.confident_masked) for one in sets)
    scale = {"domain": [0, max(max_share, 0.01)]}
    titles = {"set": "data set", "kind": "results", "share": "share", "faces": "faces"}
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": name_axis("set", names),
            "yOffset": {"field": "kind", "sort": list(kinds)},
            "x": percent_axis("share", "classified as mask", scale=scale),
            "color": series("kind", kinds),
            "tooltip": tooltip(**titles),
        },
    }
    description = "Bars of the share of faces without a mask that are classified as masked, by set."
    return layered_chart(description, rows, bars, height_px=ROW_PX * len(names) + AXES_PX)
