"""Plot of accuracy against latency of compressed networks, in colour-blind safe colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.compress.choice import pareto_front, recommended
from training.compress.metrics import Row

# Colour (Okabe-Ito palette, with a darker orange for text) and marker, by prefix of the name.
STYLES = {
    "float32": ("#000000", "s"),
    "float16": ("#666666", "s"),
    "int8": ("#0072B2", "o"),
    "pruned": ("#B87A00", "^"),
    "slim": ("#009E73", "D"),
}
RED = "#D55E00"
OTHER = ("#CC79A7", "P")
PANELS = {"validation": "validation (used for selection)", "test": "test"}


def plot_compression(rows: Sequence[Row], title: str, path: Path) -> None:
    """Plot validation and test accuracy over latency; marker areas show file sizes.

    Args:
        rows: rows from `metrics.evaluate_variants`.
        title: title of the plot.
        path: the PNG file to write.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(13, 5), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=13)
    panels = figure.subplots(1, 2)
    for axis, (kind, panel_title) in zip(panels, PANELS.items(), strict=True):
        for row in rows:
            _point(axis, row, kind, _area(row, rows))
        axis.set(xlabel="ms per face (batch size 1, one thread)", ylabel="accuracy")
        axis.set_title(f"{panel_title}: {rows[0][kind]['n']} faces", fontsize=10)
        axis.set_xlim(0, 1.1 * max(r["ms_batch_1"] for r in rows))
        axis.yaxis.set_major_formatter(lambda value, _position: f"{value:.1%}")
        axis.grid(alpha=0.3)
        axis.set_axisbelow(True)
        chosen = recommended(rows)
        ring = {"facecolors": "none", "edgecolors": RED, "linewidths": 2}
        position = (chosen["ms_batch_1"], _accuracy(chosen, kind))
        axis.scatter(*position, _area(chosen, rows) + 240, zorder=2, **ring)
    front = pareto_front(rows)
    x, y = [r["ms_batch_1"] for r in front], [_accuracy(r, "validation") for r in front]
    panels[0].step(x, y, where="post", color=RED, linestyle="--", linewidth=1.4, zorder=1)
    figure.legend(handles=_legend(rows), loc="outside right center", fontsize=9, labelspacing=0.9)
    figure.canvas.draw()  # computes the layout that _numbers needs
    for axis, kind in zip(panels, PANELS, strict=True):
        _numbers(axis, rows, kind)
    figure.savefig(path, dpi=120)


def _area(row: Row, rows: Sequence[Row]) -> float:
    """A marker's area in square points."""
    area: float = 40 + 320 * row["bytes"] / max(r["bytes"] for r in rows)
    return area


def _point(axis: Any, row: Row, kind: str, area: float) -> None:
    colour, marker = _style(row)
    x, y = row["ms_batch_1"], _accuracy(row, kind)
    axis.vlines(x, *row[kind]["accuracy"]["interval"], color=colour, alpha=0.4, linewidth=1.4)
    edge = {"edgecolors": "white", "linewidths": 0.8}
    axis.scatter(x, y, area, color=colour, marker=marker, alpha=0.7, zorder=3, **edge)


def _legend(rows: Sequence[Row]) -> list[Any]:
    """Legend entries: each network with its number, the front, the ring and the intervals."""
    from matplotlib.lines import Line2D

    lines = []
    for i, row in enumerate(rows):
        colour, marker = _style(row)
        size = np.sqrt(_area(row, rows)) * 0.8
        text = f"{i + 1}  {row['name']}, {row['bytes'] / 1e6:.2f} MB"
        shape: dict[str, Any] = {"marker": marker, "markersize": size, "alpha": 0.8}
        shape |= {"markeredgecolor": "white", "linestyle": "", "color": colour}
        lines.append(Line2D([], [], label=text, **shape))
    ring: dict[str, Any] = {"marker": "o", "markersize": 13, "markerfacecolor": "none"}
    ring |= {"markeredgewidth": 2, "linestyle": "", "color": RED}
    return [
        *lines,
        Line2D([], [], color=RED, linestyle="--", label="Pareto front"),
        Line2D([], [], label="recommended", **ring),
        Line2D([], [], color="gray", linewidth=1.4, alpha=0.6, label="95 % interval"),
    ]


def _numbers(axis: Any, rows: Sequence[Row], kind: str) -> None:
    """Label each point with its network's number, away from other points and labels."""
    points = [(row["ms_batch_1"], _accuracy(row, kind)) for row in rows]
    taken = list(axis.transData.transform(points))
    low, high = axis.bbox.get_points()
    angles = np.radians([45, 135, -45, -135, 0, 180, 90, -90])
    for i, (row, position) in enumerate(zip(rows, list(taken), strict=True)):
        candidates = [
            position + distance * np.array([np.cos(angle), np.sin(angle)])
            for distance in (20, 28, 38, 50)
            for angle in angles
        ]
        inside = [c for c in candidates if (c > low + 8).all() and (c < high - 8).all()]
        free = [c for c in inside if min(np.hypot(*(c - t)) for t in taken) > 17]
        label = (free or inside or candidates)[0]
        taken.append(label)
        axis.annotate(
            str(i + 1),
            points[i],
            xytext=axis.transData.inverted().transform(label),
            ha="center",
            va="center",
            fontsize=10,
            color=_style(row)[0],
            fontweight="bold",
            arrowprops={"arrowstyle": "-", "color": _style(row)[0], "linewidth": 0.6, "shrinkB": 9},
            zorder=4,
        )


def _style(row: Row) -> tuple[str, str]:
    name = row["name"]
    return STYLES.get(name, STYLES.get(name.split("-")[0], OTHER))


def _accuracy(row: Row, kind: str) -> float:
    value: float = row[kind]["accuracy"]["value"]
    return value
