"""Plots of a run as PNG files, in Okabe and Ito's colour-blind safe palette."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.evaluate import Figure, Labels, calibration_error, reliability
from training.risk_coverage import coverage_and_risk, risk_coverage

BLUE, ORANGE, GRAY = "#0072B2", "#E69F00", "#666666"


def plot_curves(
    history: Sequence[Mapping[str, float]],
    path: Path,
    *,
    keys: Sequence[str] = ("loss", "accuracy"),
) -> None:
    """Plot metrics (by default loss and accuracy) and the learning rate over the epochs.

    Args:
        history: one row of metrics per epoch.
        path: file to write.
        keys: metrics to plot, each with its `val_` counterpart.
    """
    figure, axes = _figure(len(keys) + 1, width=4 * (len(keys) + 1))
    epochs = [row["epoch"] for row in history]
    for axis, key in zip(axes, keys, strict=False):
        for name, colour, label in (
            (key, ORANGE, "training (augmented)"),
            (f"val_{key}", BLUE, "validation"),
        ):
            axis.plot(epochs, [row.get(name, np.nan) for row in history], color=colour, label=label)
        axis.set(xlabel="epoch", ylabel=key)
        axis.legend()
    axes[-1].plot(epochs, [row["rate"] for row in history], color=BLUE)
    axes[-1].set(xlabel="epoch", ylabel="learning rate at end of epoch", yscale="log")
    _save(figure, path)


def plot_confusion(
    matrix: NDArray[np.int64], labels: Sequence[str], title: str, path: Path
) -> None:
    """Plot a confusion matrix: row percentages and counts."""
    figure, (axis,) = _figure(1, width=1.5 + 0.9 * len(labels), height=1.5 + 0.8 * len(labels))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(matrix):
        ink = "white" if share[row, column] > 0.6 else "black"
        text = f"{share[row, column]:.0%}\n{count}"
        axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
    axis.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axis.set_yticks(range(len(labels)), labels)
    axis.set(xlabel="predicted", ylabel="true", title=title)
    _save(figure, path)


def plot_calibration(
    probs: Mapping[str, F32], truth: Labels, title: str, path: Path, *, bins: int = 15
) -> None:
    """Plot a reliability diagram above a histogram of confidence.

    Args:
        probs: one or two sets of probabilities (n, k) of the same faces by name, such as "before
            calibration" and "calibrated".
        truth: (n,) true classes.
        title: the plot's title.
        path: file to write.
        bins: number of equal-width bins.
    """
    figure, _ = _figure(0, width=5.2, height=5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    upper.plot([0, 1], [0, 1], color=GRAY, linestyle="--", linewidth=1, label="perfect calibration")
    width = 1 / bins / len(probs)
    styles = zip(probs.items(), (ORANGE, BLUE), ("s-", "o-"), strict=False)
    for i, ((name, prob), colour, style) in enumerate(styles):
        diagram = reliability(prob, truth, bins=bins)
        # The accuracy of a bin with few faces is noise, and would stand out.
        reliable = diagram.count >= max(1, len(truth) // 300)
        error = calibration_error(prob, truth, bins=bins)
        label = f"{name}: ECE {error:.3f}"
        places = (diagram.confidence[reliable], diagram.accuracy[reliable])
        upper.plot(*places, style, color=colour, markersize=5, label=label)
        middle = diagram.edges[:-1] + width * (i + 0.5)
        lower.bar(middle, diagram.count, width * 0.9, color=colour)
    upper.set(ylabel="accuracy", xlim=(0, 1), ylim=(0, 1), title=title)
    upper.legend(loc="upper left", fontsize=9)
    upper.grid(alpha=0.3)
    lower.set(xlabel="confidence (top probability)", ylabel="faces")
    _save(figure, path)


def plot_risk(
    prob: F32, truth: Labels, title: str, path: Path, *, threshold: float | None = None
) -> None:
    """Plot a risk-coverage curve, with the confidence threshold marked if given."""
    figure, (axis,) = _figure(1, width=5.2, height=4)
    curve = risk_coverage(prob, truth)
    axis.plot(curve.coverage, curve.risk, color=BLUE)
    axis.fill_between(curve.coverage, curve.risk, color=BLUE, alpha=0.12, linewidth=0)
    top = max(float(curve.risk[curve.coverage > 0.02].max(initial=0)), 0.01) * 1.3
    axis.set(xlim=(0, 1.02), ylim=(0, top), title=f"{title}\nAURC {curve.aurc:.3f}")
    axis.set(xlabel="coverage", ylabel="risk (error rate)")
    if threshold is not None:
        coverage, risk = coverage_and_risk(prob, truth, threshold)
        axis.plot([coverage, coverage], [0, risk], color=ORANGE, linestyle="--", linewidth=1)
        axis.plot([coverage], [risk], "o", color=ORANGE, markersize=8, markeredgecolor="black")
        text = f"confidence ≥ {threshold:.2f}\ncoverage {coverage:.0%}, risk {risk:.1%}"
        axis.annotate(
            text,
            (coverage, risk),
            xytext=(0.03, 0.92),
            textcoords="axes fraction",
            va="top",
            arrowprops={"arrowstyle": "-", "color": GRAY, "shrinkB": 6},
        )
    axis.xaxis.set_major_formatter(_percent)
    axis.yaxis.set_major_formatter(_percent)
    axis.grid(alpha=0.3)
    _save(figure, path)


def plot_classes(
    figures: Mapping[str, Mapping[str, Figure]], counts: Sequence[int], title: str, path: Path
) -> None:
    """Plot recall and precision of each class with their 95 % intervals.

    Args:
        figures: `recall` and `precision` by label.
        counts: faces of each class.
        title: the plot's title.
        path: file to write.
    """
    figure, (axis,) = _figure(1, width=2 + 0.95 * len(figures), height=3.8)
    places = np.arange(len(figures))
    styles = ((-0.2, "recall", BLUE, "white"), (0.2, "precision", ORANGE, "black"))
    for side, name, colour, ink in styles:
        column = [row[name] for row in figures.values()]
        values = np.array([f.value for f in column])
        ends = np.array([[f.value - f.low for f in column], [f.high - f.value for f in column]])
        # Rounding can put a value just outside its interval; error bars must not be negative.
        bars = {"yerr": np.maximum(ends, 0), "capsize": 3, "ecolor": "black"}
        axis.bar(places + side, values, 0.38, color=colour, label=name, **bars)
        for place, value in zip(places + side, values, strict=True):
            axis.text(place, 0.02, f"{value:.2f}", ha="center", fontsize=8, color=ink)
    axis.set_xticks(places, [f"{k}\n{n}" for k, n in zip(figures, counts, strict=True)])
    axis.set(ylim=(0, 1.02), title=title)
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1))
    axis.grid(axis="y", alpha=0.3)
    axis.set_axisbelow(True)
    _save(figure, path)


def _percent(value: float, _place: int) -> str:
    return f"{value:.1%}".replace(".0%", "%")


def _figure(columns: int, *, width: float, height: float = 3.6) -> tuple[Any, list[Any]]:
    """A figure and a row of axes. Imports Matplotlib here because that is slow."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    figure = Sheet(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0]) if columns else []


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=120)
