"""Comparison of emotion networks: architectures, input sizes and training sets.

`python -m training study` trains each variant for the same few epochs with the same seed, in its
own run folder, and writes the results to `runs/study/table.md`. Finished runs are not repeated.
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
from training.steps import run as run_task

EPOCHS = 8


def variants(epochs: int, seed: int) -> dict[str, EmotionConfig]:
    """Settings of the compared variants by name."""
    fer_only = emotion.configure(epochs, seed)
    base = replace(fer_only, oval=0.35)

    def shaped(**changes: Any) -> EmotionConfig:
        return replace(base, network=replace(base.network, **changes))

    return {
        "residual": base,
        "residual, FER-2013 alone": fer_only,
        "residual, 40 px": shaped(side_px=40),
        "plain": shaped(kind="plain"),
        "separable": shaped(kind="separable"),
    }


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """Add nothing: the study has no options of its own."""


def run(options: argparse.Namespace) -> str:
    """Train the missing variants; writes and returns the results as a Markdown table."""
    epochs = options.epochs or EPOCHS
    folder = options.out or Path("runs/study")
    rows = []
    for name, config in variants(epochs, options.seed).items():
        run_folder = folder / name.replace(", ", "-").replace(" ", "-").lower()
        if not (run_folder / "metrics.json").is_file():
            run_task(
                emotion.TASK,
                options.data,
                run_folder,
                config,
                command=f"python -m training study --epochs {epochs} --seed {options.seed}",
                resume=True,
                limit=options.limit,
                ship=None,
            )
        rows.append({"network": name, **_row(run_folder)})
    text = f"{epochs} epochs each, seed {options.seed}.\n\n{table(rows)}\n"
    (folder / "table.md").write_text(text, encoding="utf-8")
    return text


def _row(run_folder: Path) -> dict[str, str]:
    """The main results of one run, from its metrics.json."""
    results = json.loads((run_folder / "metrics.json").read_text(encoding="utf-8"))
    sets = results["metrics"]
    test = sets["fer2013_private_test"]
    return {
        "accuracy": ranged(test["accuracy"]),
        "macro-F1": ranged(test["macro_f1"]),
        "masked": ranged(sets["fer2013_private_test_masked"]["accuracy"]),
        "expressions_oval, held out": ranged(sets["expressions_oval_held"]["accuracy"]),
        "ms, batch 1": f"{results['speed']['milliseconds_per_face_batch_1']:.2f}",
        "MB": f"{(run_folder / 'model.tflite').stat().st_size / 1e6:.2f}",
    }
