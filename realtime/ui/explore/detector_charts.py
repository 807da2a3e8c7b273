"""Charts that compare the face detectors."""

from __future__ import annotations

from collections.abc import Mapping
from math import log10
from typing import Any

from realtime.results.detectors import DetectorMetrics
from realtime.ui.explore.chart_parts import (
    GRAY,
    Spec,
    layered_chart,
    name_axis,
    number_axis,
    percent_axis,
    series,
    text_colour,
    tooltip,
)

DetectorsByTitle = Mapping[str, DetectorMetrics]
SPEED_AXIS = "ms per 640×480 frame, one thread"
MAX_MS = 500
# The chart with labels at its smallest: pixels per factor of ten in time and from 0 to 1 in
# precision, half of a dot, and the width of a letter, which is half its height with some room.
DECADE_PX, HEIGHT_PX, DOT_PX, LETTER_PX = 190, 220, 6, 7
Box = tuple[float, float, float, float]


def speed_chart(detectors: DetectorsByTitle) -> Spec:
    """Average precision over time per frame, with a label beside each dot."""
    timed = {title: metrics for title, metrics in detectors.items() if metrics.ms is not None}
    sides = label_sides({t: (m.ms or 1.0, m.average_precision) for t, m in timed.items()})
    rows = [
        {
            "detector": title,
            "ms": metrics.ms,
            "ap": metrics.average_precision,
            "recall": metrics.recall,
            "false_positives": metrics.false_positives,
            "side": side,
        }
        for (title, metrics), side in zip(timed.items(), sides, strict=True)
    ]
    scale = {"type": "log", "domain": [0.5, MAX_MS], "nice": False}
    position: Spec = {
        "x": number_axis("ms", SPEED_AXIS, scale=scale, values=[1, 2, 5, 10, 20, 50, 100, 200]),
        "y": percent_axis("ap", "average precision"),
    }
    dots: Spec = {
        "mark": {"type": "point", "filled": True, "size": 120, "opacity": 1},
        "encoding": {
            **position,
            "color": series("detector", list(timed)),
            "shape": series("detector", list(timed)),
            "tooltip": tooltip(
                detector="detector",
                ms="ms",
                ap="AP@0.5",
                recall="recall",
                false_positives="false positives per image",
            ),
        },
    }
    # On phones the labels would overlap; the legend is enough there.
    opacity = {"expr": "width > 450 ? 1 : 0"}
    offsets: dict[str, dict[str, Any]] = {
        "right": {"align": "left", "dx": 9},
        "left": {"align": "right", "dx": -9},
        "above": {"align": "center", "dy": -14},
        "below": {"align": "center", "dy": 16},
    }
    labels: list[Spec] = [
        {
            "mark": {
                "type": "text",
                "baseline": "middle",
                "fontSize": 12,
                "color": text_colour(),
                **offset,
                "opacity": opacity,
            },
            "transform": [{"filter": f"datum.side === '{side}'"}],
            "encoding": {**position, "text": {"field": "detector"}},
        }
        for side, offset in offsets.items()
    ]
    description = "Average precision over milliseconds per frame: up is better, left is faster."
    return layered_chart(description, rows, dots, *labels, height_px=480)


def label_sides(dots: Mapping[str, tuple[float, float]]) -> list[str]:
    """The side of each dot on which its label covers neither a dot nor an earlier label.

    Args:
        dots: (milliseconds, average precision) of each dot, by its label.
    """
    at = {title: (log10(ms) * DECADE_PX, -ap * HEIGHT_PX) for title, (ms, ap) in dots.items()}
    taken = [(x - DOT_PX, y - DOT_PX, x + DOT_PX, y + DOT_PX) for x, y in at.values()]
    sides = []
    for title, (x, y) in at.items():
        width, half = LETTER_PX * len(title), LETTER_PX
        labels = {
            "right": (x + 9, y - half, x + 9 + width, y + half),
            "left": (x - 9 - width, y - half, x - 9, y + half),
            "above": (x - width / 2, y - 14 - half, x + width / 2, y - 14 + half),
            "below": (x - width / 2, y + 16 - half, x + width / 2, y + 16 + half),
        }
        fitting = {
            side: label
            for side, label in labels.items()
            if label[2] <= log10(MAX_MS) * DECADE_PX
            and not any(_overlap(label, other) for other in taken)
        }
        side = next(iter(fitting), "below")
        sides.append(side)
        taken.append(labels[side])
    return sides


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def curve_chart(detectors: DetectorsByTitle) -> Spec:
    """Precision-recall curves."""
    rows = [
        {"detector": title, "recall": recall, "precision": precision, "index": k}
        for title, metrics in detectors.items()
        for k, (recall, precision) in enumerate(metrics.curve)
    ]
    lines = {
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": percent_axis("recall", "recall"),
            "y": percent_axis("precision", "precision"),
            "order": {"field": "index"},
            "color": series("detector", list(detectors)),
            "strokeDash": series("detector", list(detectors)),
        },
    }
    description = "Precision-recall curve of each detector on crowded scenes."
    return layered_chart(description, rows, lines, height_px=480)


def size_chart(detectors: DetectorsByTitle) -> Spec:
    """Recall by face size."""
    return _recall_chart(
        "Recall of each detector by face height.",
        {title: metrics.recall_by_size for title, metrics in detectors.items()},
    )


def mask_chart(detectors: DetectorsByTitle) -> Spec:
    """Recall of faces with and without a mask in the same scenes."""
    return _recall_chart(
        "Recall of each detector for faces with and without a mask.",
        {
            title: {"no mask": metrics.bare_recall, "mask": metrics.masked_recall}
            for title, metrics in detectors.items()
        },
    )


def _recall_chart(description: str, recalls: Mapping[str, Mapping[str, float]]) -> Spec:
    """A row per detector with a dot per kind of face, joined by a line."""
    kinds = list(dict.fromkeys(kind for by_kind in recalls.values() for kind in by_kind))
    rows = [
        {"detector": title, "faces": kind, "recall": recall}
        for title, by_kind in recalls.items()
        for kind, recall in by_kind.items()
    ]
    position = {
        "y": name_axis("detector", list(recalls), grid=True),
        "x": percent_axis("recall", "recall"),
    }
    ranges = {
        "mark": {"type": "line", "color": GRAY, "opacity": 0.5, "strokeWidth": 3},
        "encoding": {**position, "detail": {"field": "detector"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {
            **position,
            "color": series("faces", kinds, columns=2, min_width_px=120),
            "shape": series("faces", kinds, columns=2, min_width_px=120),
            "tooltip": tooltip(detector="detector", faces="faces", recall="recall"),
        },
    }
    return layered_chart(description, rows, ranges, dots, height_px=30 * len(recalls) + 160)
