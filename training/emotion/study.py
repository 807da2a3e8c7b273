"""Which network reads emotions best: families, input sizes and training sets, side by side.

`python -m training study` trains each for the same few epochs with the same seed, into a run folder
each, and writes the table to `runs/study/table.md`. Runs that are done are not repeated.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.emotion import task as emotion
from training.emotion.task import EmotionConfig
from training.report import ranged, table
from training.task import run as run_task

EPOCHS = 8


def variants(epochs: int, seed: int) -> dict[str, EmotionConfig]:
    """What is compared, by name."""
    usual = emotion.configure(epochs, seed)
    first = replace(usual, oval=0.35)

    def shaped(**changes: Any) -> EmotionConfig:
        return replace(first, network=replace(first.network, **changes))

    return {
        "residual": first,
        "residual, FER-2013 alone": usual,
        "residual, 40 px": shaped(side_px=40),
        "plain": shaped(kind="plain"),
        "separable": shaped(kind="separable"),
    }


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """The study needs no options of its own."""


def run(options: argparse.Namespace) -> str:
    """Train what is not trained yet; the table as Markdown, which is also written to a file."""
    epochs = options.epochs or EPOCHS
    folder = options.out or Path("runs/study")
    rows = []
    for name, config in variants(epochs, options.seed).items():
        place = folder / name.replace(", ", "-").replace(" ", "-").lower()
        if not (place / "metrics.json").is_file():
            run_task(
                emotion.TASK,
                options.data,
                place,
                config,
                command=f"python -m training study --epochs {epochs} --seed {options.seed}",
                resume=True,
                limit=options.limit,
                ship=None,
            )
        rows.append({"network": name, **_row(place)})
    text = f"{epochs} epochs each, seed {options.seed}.\n\n{table(rows)}\n"
    (folder / "table.md").write_text(text, encoding="utf-8")
    return text


def _row(place: Path) -> dict[str, str]:
    """The figures of one run, as its metrics.json holds them."""
    told = json.loads((place / "metrics.json").read_text(encoding="utf-8"))
    sets = told["metrics"]
    test = sets["fer2013_private_test"]
    return {
        "accuracy": ranged(test["accuracy"]),
        "macro-F1": ranged(test["macro_f1"]),
        "masked": ranged(sets["fer2013_private_test_masked"]["accuracy"]),
        "expressions_oval, held out": ranged(sets["expressions_oval_held"]["accuracy"]),
        "ms, batch 1": f"{told['speed']['milliseconds_per_face_batch_1']:.2f}",
        "MB": f"{(place / 'model.tflite').stat().st_size / 1e6:.2f}",
    }
