"""Accuracy against time of compressed networks, in colours that the colour-blind tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from training.compress.choice import front, recommended
from training.compress.worth import Row

# A colour of Okabe and Ito's, the orange darkened for text, and a marker, by a name's first word.
STYLES = {
    "float32": ("#000000", "s"),
    "float16": ("#666666", "s"),
    "int8": ("#0072B2", "o"),
    "pruned": ("#B87A00", "^"),
    "slim": ("#009E73", "D"),
}
RED = "#D55E00"
OTHER = ("#CC79A7", "P")
PANELS = {"validation": "validation, by which is chosen", "test": "test"}


def plot_compression(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw validation and test accuracy over milliseconds a face; markers are as large as files.

    Args:
        rows: as `worth.measured` gives them.
        title: the plot's title.
        path: where to write the PNG.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    figure = Sheet(figsize=(13, 5), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(title, fontsize=13)
    panels = figure.subplots(1, 2)
    for axis, (kind, words) in zip(panels, PANELS.items(), strict=True):
        for row in rows:
            _point(axis, row, kind, _area(row, rows))
        axis.set(xlabel="milliseconds a face, batch of 1, one thread", ylabel="accuracy")
        axis.set_title(f"{words}: {rows[0][kind]['n']} faces", fontsize=10)
        axis.set_xlim(0, 1.1 * max(r["ms_batch_1"] for r in rows))
        axis.yaxis.set_major_formatter(lambda value, _place: f"{value:.1%}")
        axis.grid(alpha=0.3)
        axis.set_axisbelow(True)
        chosen = recommended(rows)
        ring = {"facecolors": "none", "edgecolors": RED, "linewidths": 2}
        place = (chosen["ms_batch_1"], _accuracy(chosen, kind))
        axis.scatter(*place, _area(chosen, rows) + 240, zorder=2, **ring)
    best = front(rows)
    x, y = [r["ms_batch_1"] for r in best], [_accuracy(r, "validation") for r in best]
    panels[0].step(x, y, where="post", color=RED, linestyle="--", linewidth=1.4, zorder=1)
    figure.legend(handles=_legend(rows), loc="outside right center", fontsize=9, labelspacing=0.9)
    figure.canvas.draw()  # from here on it is known where each point lies
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
    """A line for each network, with its number, and for what else is drawn."""
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
    """Write each network's number close to its point, where no other point or number is."""
    points = [(row["ms_batch_1"], _accuracy(row, kind)) for row in rows]
    taken = list(axis.transData.transform(points))
    least, most = axis.bbox.get_points()
    turns = np.radians([45, 135, -45, -135, 0, 180, 90, -90])
    for i, (row, place) in enumerate(zip(rows, list(taken), strict=True)):
        spots = [
            place + reach * np.array([np.cos(turn), np.sin(turn)])
            for reach in (20, 28, 38, 50)
            for turn in turns
        ]
        inside = [s for s in spots if (s > least + 8).all() and (s < most - 8).all()]
        free = [s for s in inside if min(np.hypot(*(s - t)) for t in taken) > 17]
        spot = (free or inside or spots)[0]
        taken.append(spot)
        axis.annotate(
            str(i + 1),
            points[i],
            xytext=axis.transData.inverted().transform(spot),
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
