"""A run's report: curves, confusion matrices, and every figure as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


def write_json(path: Path, value: Any) -> None:
    """Write figures as indented JSON."""
    path.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


def plot_curves(history: Sequence[Mapping[str, float]], path: Path) -> None:
    """Loss, accuracy and learning rate over the epochs, as a PNG."""
    figure, axes = _figure(3, width=12)
    epochs = [row["epoch"] for row in history]
    for axis, key in zip(axes, ("loss", "accuracy"), strict=False):
        axis.plot(epochs, [row[key] for row in history], label="training, augmented")
        axis.plot(epochs, [row[f"val_{key}"] for row in history], label="validation")
        axis.set(xlabel="epoch", ylabel=key)
        axis.legend()
    axes[2].plot(epochs, [row["rate"] for row in history])
    axes[2].set(xlabel="epoch", ylabel="learning rate at the end of the epoch", yscale="log")
    _save(figure, path)


def plot_confusion(
    matrix: NDArray[np.int64], labels: Sequence[str], title: str, path: Path
) -> None:
    """A confusion matrix as a PNG: shares of each row, with counts."""
    figure, (axis,) = _figure(1, width=1.5 + 0.9 * len(labels), height=1.5 + 0.8 * len(labels))
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    axis.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for (row, column), count in np.ndenumerate(matrix):
        ink = "white" if share[row, column] > 0.6 else "black"
        text = f"{share[row, column]:.0%}\n{count}"
        axis.text(column, row, text, ha="center", va="center", color=ink, fontsize=8)
    axis.set_xticks(range(len(labels)), labels, rotation=45, ha="right")
    axis.set_yticks(range(len(labels)), labels)
    axis.set(xlabel="answer", ylabel="truth", title=title)
    _save(figure, path)


def _figure(columns: int, *, width: float, height: float = 3.6) -> tuple[Any, list[Any]]:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])


def _save(figure: Any, path: Path) -> None:
    figure.savefig(path, dpi=120)
