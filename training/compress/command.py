"""`python -m training compress emotion|mask --run RUN`: the options and the call."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.compress.run import compress
from training.emotion import task as emotion
from training.mask import task as mask

EPOCHS = 3  # of tuning


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """The options of the comparison."""
    parser.add_argument("task", choices=("emotion", "mask"), help="what the run was trained for")
    parser.add_argument("--run", type=Path, required=True, help="the finished run's folder")


def run(options: argparse.Namespace) -> str:
    """Compress the run in every way; the tables and what is recommended."""
    task = {"emotion": emotion.TASK, "mask": mask.TASK}[options.task]
    lines = compress(
        task,
        options.run,
        options.data,
        options.out or options.run / "compress",
        epochs=options.epochs or EPOCHS,
        limit=options.limit,
    )
    return "\n".join(lines)
