"""A plot of the precision-recall curves of all detectors."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import cycle
from pathlib import Path

from training.detector.score import Curve

# The colour-blind safe palette of Okabe and Ito; line styles distinguish the curves as well.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
STYLES = ("-", "--", "-.", ":")


def plot_curves(curves: Mapping[str, Curve], path: Path) -> None:
    """Plot each detector's curve, by falling average precision, with its best F1 as a dot.

    Args:
        curves: The curves by detector name.
        path: The image file to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7.5, 6.8), layout="constrained")
    for f1 in (0.5, 0.6, 0.7, 0.8, 0.9):
        recalls = [f1 / (2 - f1) + (1 - f1 / (2 - f1)) * i / 100 for i in range(101)]
        axes.plot(recalls, [f1 * r / (2 * r - f1) for r in recalls], color="0.85", lw=0.8, zorder=0)
        axes.annotate(f"F1 {f1:g}", (1, f1 / (2 - f1)), color="0.55", fontsize=8, ha="right")
    ranked = sorted(curves.items(), key=lambda item: -item[1].average_precision())
    for (name, curve), colour, style in zip(ranked, cycle(COLOURS), cycle(STYLES), strict=False):
        label = f"{name}, AP {curve.average_precision():.3f}"
        axes.plot(curve.recall, curve.precision, color=colour, ls=style, lw=1.8, label=label)
        best = curve.best()
        axes.plot(best.recall, best.precision, "o", color=colour, ms=5)
    axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="recall", ylabel="precision")
    axes.set_title("wider_val, images of at most 640 px, faces of at least 20 px; dots: best F1")
    axes.title.set_fontsize(10)
    figure.legend(loc="outside lower center", ncols=2, fontsize=8.5, frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    plt.close(figure)
