"""Plots of the landmark benchmarks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import F32
from realtime.results.landmarks import display_name
from training.landmarks.errors import LIMIT

GROUND_TRUTH_BOX = "box about the points"  # as stored in the results
MAX_ERROR = 0.1  # the end of the error axis
# The colour-blind safe palette of Okabe and Ito.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
_GRAY = "#666666"


def plot_error_curves(errors: Mapping[tuple[str, str], F32], path: Path) -> None:
    """Plot the cumulative distribution of the errors.

    Args:
        errors: The errors (n,) of the faces by landmark method and source of boxes.
        path: The image file to write.
    """
    figure, (axis,) = _subplots(1, width=7.5, height=4.6)
    steps = np.linspace(0, MAX_ERROR, 401)
    methods = list(dict.fromkeys(method for method, _ in errors))
    for (method, source), values in errors.items():
        share = (values[None] <= steps[:, None]).mean(axis=1)
        style = "--" if source == GROUND_TRUTH_BOX else "-"
        label = f"{display_name(method)}, {display_name(source)}: {values.mean():.4f}"
        axis.plot(steps, share, style, color=_COLOURS[methods.index(method)], label=label)
    axis.axvline(LIMIT, color=_GRAY, linewidth=0.8)
    axis.set(xlim=(0, MAX_ERROR), ylim=(0, 1.01), title="helen test (legend: mean errors)")
    axis.set(xlabel="mean error / distance between outer eye corners", ylabel="fraction of faces")
    axis.grid(alpha=0.3)
    axis.legend(fontsize=8, loc="lower right")
    figure.savefig(path, dpi=120)


def plot_impact(sets: Mapping[str, Any], path: Path) -> None:
    """Plot emotion accuracy over landmark noise; horizontal lines show other alignment methods.

    Args:
        sets: The result of `benchmarks.landmark_impact.measure`.
        path: The image file to write.
    """
    figure, axes = _subplots(len(sets), width=5.6 * len(sets), height=4.0)
    for axis, (name, results) in zip(axes, sets.items(), strict=True):
        rows = results["rows"]
        noisy = [row for row in rows if "noise" in row]
        noise = [row["noise"] for row in noisy]
        low, high = np.array([row["accuracy"]["interval"] for row in noisy]).T
        axis.fill_between(noise, low, high, color=_COLOURS[0], alpha=0.15, linewidth=0)
        values = [row["accuracy"]["value"] for row in noisy]
        axis.plot(noise, values, "o-", color=_COLOURS[0], label="mesh with noise")
        others = [row for row in rows if "noise" not in row and row["points"] != "mesh"]
        for row, colour in zip(others, (_GRAY, *_COLOURS[4:], _COLOURS[1]), strict=False):
            label = display_name(row["points"])
            axis.axhline(row["accuracy"]["value"], color=colour, linestyle="--", label=label)
        axis.set(title=f"{name}, {results['n']} faces", ylabel="emotion accuracy")
        axis.set(xlabel="landmark noise / distance between the eyes")
        axis.grid(alpha=0.3)
        axis.legend(fontsize=8)
    figure.savefig(path, dpi=120)


def _subplots(columns: int, *, width: float, height: float) -> tuple[Any, list[Any]]:
    """Create a figure with a row of axes; Matplotlib is imported only when a plot is drawn."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])
