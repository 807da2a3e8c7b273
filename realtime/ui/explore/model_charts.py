"""Charts of what one model is worth: by class, confused with what, how sure, by group."""

from __future__ import annotations

from collections.abc import Sequence

from realtime.results.classifiers import BareFigures, Bin, SetFigures
from realtime.ui.explore.chart_parts import (
    BLUE,
    GRAY,
    Spec,
    chart,
    ink,
    name,
    series,
    share,
    tip,
)
from realtime.ui.explore.titles import set_title

# Shorter than on pictures, where nothing stands beside them.
WORDS = {"with_mask": "mask worn", "without_mask": "no mask", "incorrect": "worn wrongly"}
ROW_PX = 34
AXES_PX = 100  # the height of a chart is taken with its axis and its legend


def words(label: str) -> str:
    """A class in words."""
    return WORDS.get(label, label)


def class_chart(figures: SetFigures) -> Spec:
    """Recall and precision of each class, beside each other."""
    kinds = ("recall: found, of those there are", "precision: right, of those named so")
    rows = [
        {"class": words(one.name), "kind": kind, "share": value, "faces": one.faces}
        for one in figures.classes
        for kind, value in zip(kinds, (one.recall, one.precision), strict=True)
    ]
    order = [words(one.name) for one in figures.classes]
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": name("class", order),
            "yOffset": {"field": "kind", "sort": list(kinds)},
            "x": share("share", None),
            "color": series("kind", kinds, columns=1),
            "tooltip": tip(**{"class": "class", "kind": "figure", "share": "", "faces": "faces"}),
        },
    }
    about = f"Bars of recall and precision for each class of {figures.name}."
    return chart(about, rows, bars, height_px=ROW_PX * len(order) + AXES_PX)


def confusion_chart(figures: SetFigures) -> Spec:
    """The share of each true class (rows) that is given each answer (columns)."""
    labels = [words(label) for label in figures.labels]
    rows = [
        {"truth": truth, "answer": answer, "faces": n, "share": n / max(sum(counts), 1)}
        for truth, counts in zip(labels, figures.confusion, strict=True)
        for answer, n in zip(labels, counts, strict=True)
        if sum(counts)
    ]
    angle = 0 if len(labels) < 4 else -40
    place = {
        "y": name("truth", labels, title="truth"),
        "x": name("answer", labels, title="answer", orient="top", labelAngle=angle),
    }
    cells = {
        "mark": {"type": "rect", "color": BLUE, "cornerRadius": 3},
        "encoding": {
            **place,
            "opacity": {
                "field": "share",
                "type": "quantitative",
                "scale": {"domain": [0, 1], "range": [0.04, 1]},
                "legend": None,
            },
            "tooltip": tip(truth="truth", answer="answer", faces="faces", share="of the class"),
        },
    }
    shares = {
        "mark": {"type": "text", "fontSize": 12},
        "encoding": {
            **place,
            "text": {"field": "share", "format": ".0%"},
            "color": {"condition": {"test": "datum.share > 0.55", "value": "#fff"}, "value": ink()},
        },
    }
    about = f"Confusion matrix of {figures.name}: of each true class, the share of each answer."
    return chart(about, rows, cells, shares, height_px=ROW_PX * len(labels) + AXES_PX)


def reliability_chart(bins: Sequence[Bin]) -> Spec:
    """How often answers of each confidence are right; on the dashed line they are so as told."""
    rows = [
        {"confidence": b.confidence, "accuracy": b.accuracy, "faces": b.faces, "from": 0, "to": 1}
        for b in bins
    ]
    # From the same rows as the points, so that the chart needs one table.
    ideal = {
        "mark": {"type": "rule", "strokeDash": [5, 4], "color": GRAY},
        "transform": [{"aggregate": [{"op": "min", "field": e, "as": e} for e in ("from", "to")]}],
        "encoding": {
            "x": {"field": "from", "type": "quantitative"},
            "y": {"field": "from", "type": "quantitative"},
            "x2": {"field": "to"},
            "y2": {"field": "to"},
        },
    }
    place = {
        "x": share("confidence", "how sure the model says it is"),
        "y": share("accuracy", "how often it is right"),
        "tooltip": tip(confidence="confidence", accuracy="right", faces="faces"),
    }
    size = {"field": "faces", "type": "quantitative", "scale": {"range": [40, 500]}, "legend": None}
    points = {"mark": {"type": "circle", "opacity": 0.85}, "encoding": {**place, "size": size}}
    about = "Reliability: accuracy against confidence; larger dots stand for more faces."
    return chart(about, rows, ideal, points, height_px=300)


def group_chart(figures: SetFigures) -> Spec:
    """Accuracy and its interval for each group of people."""
    rows = [
        {"group": group, "faces": n, "accuracy": a.value, "low": a.low, "high": a.high}
        for group, n, a in figures.groups
    ]
    least = min(a.low for _, _, a in figures.groups)
    scale = {"domain": [max(0.0, least - 0.02), 1], "nice": True}
    place = name("group", [group for group, _, _ in figures.groups])
    ends = {
        "mark": {"type": "rule", "strokeWidth": 2, "color": GRAY},
        "encoding": {
            "y": place,
            "x": share("low", "accuracy", scale=scale),
            "x2": {"field": "high"},
        },
    }
    dots = {
        "mark": {"type": "circle", "size": 80, "opacity": 1},
        "encoding": {
            "y": place,
            "x": share("accuracy", "accuracy", scale=scale),
            "tooltip": tip(
                group="group", faces="faces", accuracy="accuracy", low="from", high="to"
            ),
        },
    }
    about = f"Accuracy by group of people on {figures.name}, with 95 % intervals."
    return chart(about, rows, ends, dots, height_px=18 * len(rows) + 60)


def bare_chart(bare: Sequence[BareFigures]) -> Spec:
    """The share of bare faces that are called masked, with unsure answers and without."""
    kinds = ("every answer", "sure answers alone")
    rows = [
        {"set": set_title(one.name), "kind": kind, "share": value, "faces": one.faces}
        for one in bare
        for kind, value in zip(kinds, (one.called_masked, one.surely_masked), strict=True)
    ]
    names = [set_title(one.name) for one in bare]
    most = max(max(one.called_masked, one.surely_masked) for one in bare)
    bars = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": name("set", names),
            "yOffset": {"field": "kind", "sort": list(kinds)},
            "x": share("share", "called masked", scale={"domain": [0, max(most, 0.01)]}),
            "color": series("kind", kinds),
            "tooltip": tip(**{"set": "faces of", "kind": "", "share": "", "faces": "faces"}),
        },
    }
    about = "Bars of the share of bare faces called masked, by set."
    return chart(about, rows, bars, height_px=ROW_PX * len(names) + AXES_PX)
