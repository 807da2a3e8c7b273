"""`python -m training emotion|mask`: options, and one run of the task."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.emotion import task as emotion
from training.mask import task as mask
from training.mask.folds import run_folds
from training.results import Results
from training.steps import run as run_task
from training.task import Task

TASKS: dict[str, Task] = {"emotion": emotion.TASK, "mask": mask.TASK}
# Options named like fields of the settings: of `NetworkSpec` and of the task's own.
_NETWORK_OPTIONS = ("kind", "widths", "side_px")
_TASK_OPTIONS = (
    *("labels", "pictures", "oval", "p_mask", "p_background", "rare_power", "prior_power"),
    *("teachers", "teacher_share", "start"),
)
_FIT_OPTIONS = ("rate",)


def add_arguments(parser: argparse.ArgumentParser, task: str) -> None:
    """Add the options of `task`."""
    if task == "emotion":
        parser.add_argument(
            "--labels",
            choices=("votes", "official", "both"),
            help="train on FER+ votes (default), on FER-2013's official labels, or on the mean of "
            "both",
        )
        parser.add_argument(
            "--pictures",
            choices=("webcam", "still"),
            help="augment with webcam effects (default), or only with framing and light, for "
            "comparison with published results",
        )
        parser.add_argument(
            "--oval",
            type=float,
            metavar="SHARE",
            help="how often per epoch to show each face of expressions_oval; 0 excludes the set",
        )
        parser.add_argument(
            "--teachers", nargs="+", metavar="DIR",
            help="run or model folders of teachers for distillation, on the faces of FER-2013",
        )  # fmt: skip
        parser.add_argument(
            "--teacher-share", type=float, metavar="SHARE",
            help="weight of the teachers' answers; the labels have the rest",
        )  # fmt: skip
        parser.add_argument(
            "--rare-power", type=float, metavar="P",
            help="oversampling of rare classes: 0 for none, 1 for equal classes",
        )  # fmt: skip
        parser.add_argument(
            "--p-background", type=float, metavar="SHARE",
            help="share of faces whose background to hide, 0 to 1",
        )  # fmt: skip
        parser.add_argument(
            "--prior-power", type=float, metavar="P",
            help="strength of the prior shift, 0 to 1 (default: chosen on the validation faces)",
        )  # fmt: skip
    if task == "mask":
        parser.add_argument(
            "--folds",
            type=int,
            metavar="N",
            help="train N networks, each without an Nth of mask_scenes, and print how they "
            "classify the faces they have not seen; nothing is exported. 1 is one network without "
            "mask_scenes",
        )
    parser.add_argument(
        "--p-mask",
        type=float,
        metavar="SHARE",
        help="share of unmasked faces to paint a mask on, 0 to 1",
    )
    parser.add_argument(
        "--start", metavar="DIR", help="run or model folder to take the initial weights from"
    )
    parser.add_argument("--rate", type=float, metavar="R", help="peak learning rate")
    parser.add_argument(
        "--kind", choices=("residual", "plain", "separable"), help="network architecture"
    )
    parser.add_argument(
        "--widths", type=int, nargs="+", metavar="N", help="channels of the stem and of each stage"
    )
    parser.add_argument("--side-px", type=int, metavar="N", help="side of the crops, in pixels")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="continue after the last epoch saved in the run folder; a finished run is only "
        "exported and evaluated again",
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the model to DIR/TASK and replace any there; `--export models` ships it "
        "(default: models/TASK in the run folder)",
    )


def run(options: argparse.Namespace) -> str:
    """Train a task with these options; returns the test results as text."""
    task = TASKS[options.command]
    config = task.configure(options.epochs, options.seed)
    config = replace(config, **given(options, _TASK_OPTIONS))
    config = replace(
        config,
        network=replace(config.network, **given(options, _NETWORK_OPTIONS)),
        fit=replace(config.fit, **given(options, _FIT_OPTIONS)),
    )
    command = shlex.join(["python", "-m", "training", *_arguments(options, config.fit.epochs)])
    folder = options.out or Path("runs") / options.command

    def train(config: Any, folder: Path, ship: Path | None) -> Results:
        return run_task(
            task,
            options.data,
            folder,
            config,
            command=command,
            resume=options.resume,
            limit=options.limit,
            ship=ship,
        )

    if getattr(options, "folds", None) is not None:
        results = run_folds(
            options.folds, folder, lambda fold, part: train(replace(config, fold=fold), part, None)
        )
    else:
        results = train(config, folder, options.export)
    return "\n".join(results.lines)


def given(options: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """The options among `names` that were given; lists become tuples."""
    values = {name: getattr(options, name, None) for name in names}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if v is not None}


def _arguments(options: argparse.Namespace, epochs: int) -> list[str]:
    """Arguments that reproduce the model, without --data and --out, which are local paths."""
    arguments = [options.command, "--epochs", str(epochs)]
    if options.seed:
        arguments += ["--seed", str(options.seed)]
    names = (*_NETWORK_OPTIONS, *_TASK_OPTIONS, *_FIT_OPTIONS, "limit")
    for name, value in given(options, names).items():
        values = value if isinstance(value, tuple) else (value,)
        arguments += [f"--{name.replace('_', '-')}", *map(str, values)]
    if options.export is not None:
        arguments += ["--export", options.export.name]
    return arguments
