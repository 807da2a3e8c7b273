"""Charts that hold the face detectors against each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from realtime.results.detectors import DetectorFigures
from realtime.ui.explore.chart_parts import GRAY, Spec, chart, ink, name, number, series, share, tip

Named = Mapping[str, DetectorFigures]
SPEED = "milliseconds for a frame of 640×480, one thread"
NEAR_MS, NEAR_AP = 2.5, 0.05  # closer neighbours than this factor and this share hide a name


def speed_chart(detectors: Named) -> Spec:
    """Average precision against milliseconds, each detector with its name beside its dot."""
    timed = {title: one for title, one in detectors.items() if one.ms is not None}
    sides = _sides([(one.ms or 0.0, one.average_precision) for one in timed.values()])
    rows = [
        {
            "detector": title,
            "ms": one.ms,
            "ap": one.average_precision,
            "recall": one.recall,
            "alarms": one.false_alarms,
            "side": side,
        }
        for (title, one), side in zip(timed.items(), sides, strict=True)
    ]
    scale = {"type": "log", "domain": [0.5, 500], "nice": False}
    place: Spec = {
        "x": number("ms", SPEED, scale=scale, values=[1, 2, 5, 10, 20, 50, 100, 200]),
        "y": share("ap", "average precision"),
    }
    told = tip(detector="detector", ms="ms", ap="AP@0.5", recall="recall", alarms="false alarms")
    marked = {"color": series("detector", list(timed)), "shape": series("detector", list(timed))}
    dots: Spec = {
        "mark": {"type": "point", "filled": True, "size": 120, "opacity": 1},
        "encoding": {**place, **marked, "tooltip": told},
    }
    # On a phone names would cover each other: there the legend has to do.
    fits = {"expr": "width > 450 ? 1 : 0"}
    beside: dict[str, dict[str, Any]] = {
        "right": {"align": "left", "dx": 9},
        "left": {"align": "right", "dx": -9},
        "above": {"align": "center", "dy": -14},
        "below": {"align": "center", "dy": 16},
    }
    names: list[Spec] = [
        {
            "mark": {
                "type": "text",
                "baseline": "middle",
                "fontSize": 12,
                "color": ink(),
                **where,
                "opacity": fits,
            },
            "transform": [{"filter": f"datum.side === '{side}'"}],
            "encoding": {**place, "text": {"field": "detector"}},
        }
        for side, where in beside.items()
    ]
    about = "Average precision against milliseconds: up is better, left is faster."
    return chart(about, rows, dots, *names, height_px=480)


def _sides(points: Sequence[tuple[float, float]]) -> list[str]:
    """On which side of each dot its name is in nobody's way: (milliseconds, precision) each."""
    sides = []
    for ms, ap in points:
        near = [m / ms for m, a in points if (m, a) != (ms, ap) and abs(a - ap) < 2 * NEAR_AP]
        right = ms > 30 or any(1 <= ratio < 2 * NEAR_MS for ratio in near)
        left = any(1 / NEAR_MS < ratio < 1 for ratio in near)
        sides.append("right" if not right else "left" if not left else "below")
    return sides


def curve_chart(detectors: Named) -> Spec:
    """Precision against recall as the least score falls."""
    rows = [
        {"detector": title, "recall": recall, "precision": precision, "place": k}
        for title, one in detectors.items()
        for k, (recall, precision) in enumerate(one.curve)
    ]
    lines = {
        "mark": {"type": "line", "strokeWidth": 2.5},
        "encoding": {
            "x": share("recall", "recall"),
            "y": share("precision", "precision"),
            "order": {"field": "place"},
            "color": series("detector", list(detectors)),
            "strokeDash": series("detector", list(detectors)),
        },
    }
    about = "Precision against recall of each detector, crowded scenes."
    return chart(about, rows, lines, height_px=480)


def size_chart(detectors: Named) -> Spec:
    """Recall of small, medium and large faces."""
    return _recalls(
        "Recall of faces by their height, for each detector.",
        {title: one.recall_by_size for title, one in detectors.items()},
    )


def mask_chart(detectors: Named) -> Spec:
    """Recall of masked faces beside that of bare ones in the same scenes."""
    return _recalls(
        "Recall of bare faces and of masked ones, for each detector.",
        {
            title: {"bare": one.bare_recall, "masked": one.masked_recall}
            for title, one in detectors.items()
        },
    )


def _recalls(about: str, recalls: Mapping[str, Mapping[str, float]]) -> Spec:
    """A dot for each kind of face, a row for each detector, a line from its least to its most."""
    kinds = list(dict.fromkeys(kind for by_kind in recalls.values() for kind in by_kind))
    rows = [
        {"detector": title, "faces": kind, "recall": value}
        for title, by_kind in recalls.items()
        for kind, value in by_kind.items()
    ]
    row = name("detector", list(recalls), grid=True)
    span = {
        "mark": {"type": "line", "color": GRAY, "opacity": 0.5, "strokeWidth": 3},
        "encoding": {"y": row, "x": share("recall", "found"), "detail": {"field": "detector"}},
    }
    dots = {
        "mark": {"type": "point", "filled": True, "size": 110, "opacity": 1},
        "encoding": {
            "y": row,
            "x": share("recall", "found"),
            "color": series("faces", kinds, columns=2, least_px=120),
            "shape": series("faces", kinds, columns=2, least_px=120),
            "tooltip": tip(detector="detector", faces="faces", recall="found"),
        },
    }
    return chart(about, rows, span, dots, height_px=30 * len(recalls) + 160)
