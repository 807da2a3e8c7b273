"""How often the shipped networks are right, on pictures that they never saw.

Each picture goes through the mesh, the alignment and the LiteRT file as in the running system.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import models
from benchmarks.header import header, header_text
from realtime.litert import LiteRTModel
from training.data import DEFAULT_DATA

TASKS = ("emotion", "mask")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m benchmarks accuracy`."""
    parser.add_argument("--task", choices=TASKS, nargs="+", default=list(TASKS))
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of zipped sets")
    parser.add_argument("--limit", type=int, help="at most so many pictures a set, for a trial")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each task's shipped model on its evaluation sets.

    Raises:
        training.data.DataError: a set is missing.
        models.ModelError: a model is missing or damaged.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from training import emotion, mask  # these import Keras, which takes seconds

    tasks = {"emotion": emotion.TASK, "mask": mask.TASK}
    figures: dict[str, Any] = {"benchmark": "accuracy", "header": header(), "tasks": {}}
    for name in args.task:
        network = LiteRTModel(models.load(name).path)
        verdict = tasks[name].judge(network, args.data, args.limit)
        figures["tasks"][name] = {"metrics": verdict.metrics, "lines": verdict.lines}
    return figures


def report(figures: dict[str, Any]) -> str:
    """The figures in lines for people; brackets are 95 % bootstrap intervals."""
    lines = [header_text(figures["header"])]
    for name, task in figures["tasks"].items():
        lines += ["", name, *(f"  {line}" for line in task["lines"])]
        for set_name, figures_of_set in task["metrics"].items():
            for label, row in figures_of_set.get("per_class", {}).items():
                values = "  ".join(f"{key} {value:g}" for key, value in row.items())
                lines.append(f"  {set_name:>22} {label:>13}: {values}")
    return "\n".join(lines)
