"""Plots of the data preparation, the eigenfaces, and accuracy by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from realtime.core.faces import F32
from training.gender.prepare import MIN_FACE_PX, Prepared
from training.gender.sources import LABELS
from training.plots import BLUE, GRAY, ORANGE

Sheet = Any
SHOWN = 15


def plot_preparation(parts: Mapping[str, Prepared], path: Path) -> None:
    """Plot the class balance of each part, with missed and dropped faces, and the face sizes."""
    figure, (left, right) = _sheet(1, 2, width=10, height=3.8)
    names, bottoms = [], []
    for part, prepared in parts.items():
        for row in prepared.counts():
            names.append(f"{part}\n{row['label']}")
            bottoms.append([int(row[k]) for k in list(row)[2:]])
    missed, small, kept = np.array(bottoms).T
    places = np.arange(len(names))
    left.bar(places, kept, color=BLUE, label="kept")
    left.bar(places, missed, bottom=kept, color=ORANGE, label="missed by the cascade")
    left.bar(places, small, bottom=kept + missed, color=GRAY, label=f"under {MIN_FACE_PX} px")
    for place, count, lost in zip(places, kept, missed + small, strict=True):
        left.text(place, count + lost, f" {count}", ha="center", va="bottom", fontsize=8)
    left.set_xticks(places, names, fontsize=8)
    left.set(
        ylabel="pictures", title="Class balance", ylim=(0, (kept + missed + small).max() * 1.2)
    )
    left.legend(fontsize=8, loc="upper right")
    first = next(iter(parts.values()))
    bins = np.arange(40, 145, 5)
    for label, colour in ((0, BLUE), (1, ORANGE)):
        sizes = first.side_px[first.label == label]
        right.hist(sizes, bins, histtype="step", linewidth=1.8, color=colour, label=LABELS[label])
    right.axvline(MIN_FACE_PX, color=GRAY, linestyle="--", linewidth=1)
    right.text(
        MIN_FACE_PX - 1, right.get_ylim()[1] * 0.95, "dropped", ha="right", color=GRAY, fontsize=8
    )
    right.set(xlabel="side of the cascade's box in pixels", ylabel="faces", title="Sizes, training")
    right.legend(fontsize=8, loc="upper right")
    _tidy(left, right)
    figure.savefig(path, dpi=120)


def plot_eigenfaces(mean: F32, faces: F32, path: Path) -> None:
    """Plot the mean face (s, s) and the first eigenfaces (k, s, s), each in its own gray scale."""
    figure, axes = _sheet(2, 8, width=11, height=3.2)
    for axis, (title, face) in zip(
        axes,
        [("mean", mean), *((f"{i + 1}", face) for i, face in enumerate(faces[:SHOWN]))],
        strict=False,
    ):
        low, high = np.percentile(face, [0.5, 99.5])
        axis.imshow(face, cmap="gray", vmin=low, vmax=high)
        axis.set_title(title, fontsize=9)
    for axis in axes:
        axis.set_axis_off()
    figure.savefig(path, dpi=120)


def plot_variance(share: F32, path: Path) -> None:
    """Plot the cumulative explained variance of the eigenfaces from their shares (k,)."""
    figure, (axis,) = _sheet(1, 1, width=5.6, height=3.6)
    total = np.cumsum(share)
    axis.plot(np.arange(1, len(total) + 1), total, color=BLUE)
    for wanted in (0.5, 0.8, 0.9):
        k = int(np.searchsorted(total, wanted)) + 1
        if k <= len(total):
            axis.plot([k], [total[k - 1]], "o", color=ORANGE, markeredgecolor="black")
            axis.annotate(f"{k} explain {wanted:.0%}", (k, wanted), xytext=(8, -12),
                          textcoords="offset points", fontsize=9)  # fmt: skip
    axis.set(xlabel="eigenfaces", ylabel="explained variance", ylim=(0, 1), xlim=(0, None))
    _tidy(axis)
    figure.savefig(path, dpi=120)


def plot_groups(groups: Mapping[str, Mapping[str, Any]], title: str, path: Path) -> None:
    """Plot the accuracy of each group with its interval, for both labels and for each.

    Args:
        groups: `n` and `accuracy` by name, see `training.gender.evaluate.accuracy_by_group`.
        title: the plot's title.
        path: file to write.
    """
    names = [name for name in groups if "," not in name]
    figure, (axis,) = _sheet(1, 1, width=7.2, height=1.2 + 0.42 * len(names))
    styles = (("", "black", "o", 0.0), (", male", BLUE, "s", 0.2), (", female", ORANGE, "D", -0.2))
    for suffix, colour, marker, shift in styles:
        rows = [
            (i, groups[name + suffix]) for i, name in enumerate(names) if name + suffix in groups
        ]
        y = np.array([len(names) - i + shift for i, _ in rows])
        value = np.array([row["accuracy"]["value"] for _, row in rows])
        ends = np.array([row["accuracy"]["interval"] for _, row in rows])
        bars = np.maximum(np.abs(ends - value[:, None]).T, 0)
        label = suffix.removeprefix(", ") or "both"
        axis.errorbar(value, y, xerr=bars, fmt=marker, color=colour, markersize=5, capsize=2,
                      elinewidth=1, label=label)  # fmt: skip
    ticks = [f"{name} ({groups[name]['n']})" for name in names]
    axis.set_yticks(len(names) - np.arange(len(names)), ticks)
    axis.set(xlabel="accuracy, with its 95 % interval", title=title)
    axis.legend(fontsize=8, loc="center left", bbox_to_anchor=(1, 0.5))
    _tidy(axis)
    figure.savefig(path, dpi=120)


def _tidy(*axes: Any) -> None:
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)


def _sheet(rows: int, columns: int, *, width: float, height: float) -> tuple[Sheet, Sequence[Any]]:
    """A figure and its axes, row by row. Imports Matplotlib here because that is slow."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, list(figure.subplots(rows, columns, squeeze=False).ravel())
