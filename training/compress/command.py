"""`python -m training compress emotion|mask --run RUN`: command-line options."""

from __future__ import annotations

import argparse
from pathlib import Path

from training.compress.run import compress
from training.emotion import task as emotion
from training.mask import task as mask

EPOCHS = 3  # of fine-tuning


def add_arguments(parser: argparse.ArgumentParser, _: str) -> None:
    """Add the options of `training compress`."""
    parser.add_argument("task", choices=("emotion", "mask"), help="task of the run")
    parser.add_argument("--run", type=Path, required=True, help="folder of a finished run")


def run(options: argparse.Namespace) -> str:
    """Compare all compressed variants of the run; returns the tables and the recommendation."""
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
