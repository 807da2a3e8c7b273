"""The plots of the landmark benchmarks, in Okabe and Ito's colours."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import F32
from training.landmarks.errors import LIMIT

BOX = "box about the points"
END = 0.1  # of the axis of errors
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_GRAY = "#666666"


def plot_curves(curves: Mapping[str, F32], path: Path) -> None:
    """The share of faces with at most each error.

    Args:
        curves: by "model, source": the faces' errors (n,).
        path: where to write.
    """
    figure, (axis,) = _sheet(1, width=7.5, height=4.6)
    steps = np.linspace(0, END, 401)
    models = list(dict.fromkeys(name.rpartition(", ")[0] for name in curves))
    for name, off in curves.items():
        model, _, source = name.rpartition(", ")
        share = (off[None] <= steps[:, None]).mean(axis=1)
        line = "--" if source == BOX else "-"
        label = f"{name}: {off.mean():.4f}"
        axis.plot(steps, share, line, color=_COLOURS[models.index(model)], label=label)
    axis.axvline(LIMIT, color=_GRAY, linewidth=0.8)
    axis.set(xlim=(0, END), ylim=(0, 1.01), title="helen test; beside each name its mean error")
    axis.set(xlabel="mean error over the eyes' outer distance", ylabel="share of the faces")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="lower right")
    figure.savefig(path, dpi=120)


def plot_impact(sets: Mapping[str, Any], path: Path) -> None:
    """Accuracy of emotion over noise on the points; lines across show other alignments.

    Args:
        sets: as `benchmarks.landmark_impact.measure` returns them.
        path: where to write.
    """
    figure, axes = _sheet(len(sets), width=5.6 * len(sets), height=4.0)
    for axis, (name, told) in zip(axes, sets.items(), strict=True):
        noise = [row for row in told["rows"] if "noise" in row]
        shares = [row["noise"] for row in noise]
        low, high = np.array([row["accuracy"]["interval"] for row in noise]).T
        axis.fill_between(shares, low, high, color=_COLOURS[0], alpha=0.15, linewidth=0)
        values = [row["accuracy"]["value"] for row in noise]
        axis.plot(shares, values, "o-", color=_COLOURS[0], label="mesh, moved by noise")
        ways = [row for row in told["rows"] if "noise" not in row and row["points"] != "mesh"]
        for row, colour in zip(ways, (_GRAY, *_COLOURS[4:], _COLOURS[1]), strict=False):
            value = row["accuracy"]["value"]
            axis.axhline(value, color=colour, linestyle="--", label=row["points"])
        axis.set(title=f"{name}, {told['n']} faces", ylabel="accuracy of emotion")
        axis.set(xlabel="noise on the points over the distance of the eyes")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def _sheet(columns: int, *, width: float, height: float) -> tuple[Any, list[Any]]:
    """A figure and its axes; matplotlib is slow to import, so it is imported here."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])
