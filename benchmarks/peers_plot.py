"""A plot of the CPU time per frame of FaceStream and other programs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.peer_programs import OURS, PEERS

OURS_COLOUR, PEER_COLOUR, GRAY = "#0072B2", "#8A9BA8", "#555555"


def plot_peers(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Plot the mean CPU time of each program, a panel for each scene, fastest first.

    Args:
        rows: as `python -m benchmarks peers` stores them.
        path: the image file to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    scenes = list(dict.fromkeys(row["scene"] for row in rows))
    programs = len({row["peer"] for row in rows})
    figure, panels = plt.subplots(
        len(scenes), figsize=(8, 0.8 + len(scenes) * (0.6 + 0.27 * programs)), sharex="col",
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for scene, axes in zip(scenes, panels[:, 0], strict=True):
        shown = sorted((r for r in rows if r["scene"] == scene), key=lambda row: -row["cpu_ms"])
        for i, row in enumerate(shown):
            colour, ms = OURS_COLOUR if row["peer"] == OURS else PEER_COLOUR, row["cpu_ms"]
            # Dots: the length of a bar means nothing on a logarithmic axis.
            axes.plot(ms, i, "o", color=colour, ms=8)
            text = f"{ms:.1f} ms · {row['found']:.2f} faces"
            axes.annotate(text, (ms, i), (9, 0), textcoords="offset points", va="center",
                          fontsize=8.5, color=GRAY)  # fmt: skip
        axes.set_yticks(range(len(shown)), [PEERS[row["peer"]].title for row in shown])
        axes.set_ylim(-0.6, len(shown) - 0.4)
        axes.grid(axis="x", which="major", color="0.9")
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_title(scene, loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(axis="y", length=0)
        low, high = axes.get_xlim()
        axes.set_xlim(low, 6 * high)  # room for the text
    panels[-1, 0].set_xlabel("CPU time per frame in ms, on one core")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=140)
    plt.close(figure)
