"""`python -m training emotion|mask`: settings from the command line, and one run of the task."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.emotion import task as emotion
from training.mask import task as mask
from training.task import Task
from training.task import run as run_task

TASKS: dict[str, Task] = {"emotion": emotion.TASK, "mask": mask.TASK}
_SHAPE = ("kind", "widths", "side_px")  # of the network
_CHOICES = ("labels", "pictures", "oval", "p_mask", "teachers", "start")  # of the task


def add_arguments(parser: argparse.ArgumentParser, task: str) -> None:
    """The options of one task."""
    if task == "emotion":
        parser.add_argument(
            "--labels",
            choices=("votes", "official"),
            help="learn from FER+ votes (usual) or from FER-2013's official labels",
        )
        parser.add_argument(
            "--pictures",
            choices=("webcam", "still"),
            help="learn from faces as a webcam shows them (usual), or change framing and light "
            "alone, to compare with published figures",
        )
        parser.add_argument(
            "--oval",
            type=float,
            metavar="SHARE",
            help="how often an epoch shows each face of expressions_oval too (0: never)",
        )
        parser.add_argument(
            "--teachers", nargs="+", metavar="RUN", help="run folders to distil from"
        )
    parser.add_argument(
        "--p-mask", type=float, metavar="SHARE", help="how many bare faces get a mask painted on"
    )
    parser.add_argument("--start", metavar="RUN", help="run folder whose weights are the first")
    parser.add_argument("--kind", choices=("residual", "plain", "separable"), help="the network")
    parser.add_argument(
        "--widths", type=int, nargs="+", metavar="N", help="channels of the stem and each stage"
    )
    parser.add_argument("--side-px", type=int, metavar="N", help="side of the crops in pixels")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on after the last epoch that the run folder holds; a finished run is only "
        "exported and measured again",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the model's folder to DIR/TASK, replacing what is there: `--export models` "
        "ships it (by default it is written to models/TASK in the run folder)",
    )


def run(options: argparse.Namespace) -> str:
    """Train what the options say; the figures as lines."""
    task = TASKS[options.command]
    config = task.configure(options.epochs, options.seed)
    config = replace(config, **chosen(options, _CHOICES))
    config = replace(config, network=replace(config.network, **chosen(options, _SHAPE)))
    verdict = run_task(
        task,
        options.data,
        options.out or Path("runs") / options.command,
        config,
        command=shlex.join(["python", "-m", "training", *_told(options, config.fit.epochs)]),
        resume=options.resume,
        limit=options.limit,
        ship=options.export,
    )
    return "\n".join(verdict.lines)


def chosen(options: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """The options of these names that were given; lists as tuples, which settings keep."""
    given = {name: getattr(options, name, None) for name in names}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in given.items() if v is not None}


def _told(options: argparse.Namespace, epochs: int) -> list[str]:
    """The command that makes this model, without what names this machine's folders."""
    words = [options.command, "--epochs", str(epochs)]
    if options.seed:
        words += ["--seed", str(options.seed)]
    for name, value in chosen(options, (*_SHAPE, *_CHOICES, "limit")).items():
        values = value if isinstance(value, tuple) else (value,)
        words += [f"--{name.replace('_', '-')}", *map(str, values)]
    if options.export is not None:
        words += ["--export", options.export.name]
    return words
