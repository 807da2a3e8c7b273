"""`python -m training gender`: trains both models, one after the other."""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import replace
from pathlib import Path

from training.gender import classical, cnn
from training.gender.plots import plot_groups
from training.gender.sources import is_own
from training.results import Results
from training.steps import run as run_task

METHODS = ("eigenfaces", "network")


def add_arguments(parser: argparse.ArgumentParser, task: str) -> None:
    """Add the options of this command."""
    parser.add_argument("--method", choices=METHODS, help="train only this model (default: both)")
    parser.add_argument(
        "--resume", action="store_true", help="continue the network's run after its last epoch"
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the models to DIR/gender-svm and DIR/gender and replace any there; "
        "`--export models` ships them (default: in the run folder)",
    )


def run(options: argparse.Namespace) -> str:
    """Train with these options; returns the test results as text."""
    folder = options.out or Path("runs/gender")
    lines = []
    if options.method != "network":
        results = classical.run(
            options.data,
            folder / "eigenfaces",
            command=reproducible_command(options),
            limit=options.limit,
            ship=options.export,
            settings=classical.Settings(seed=options.seed),
        )
        lines += ["eigenfaces and a support vector machine", *results.lines]
    if options.method != "eigenfaces":
        config = cnn.configure(options.epochs, options.seed)
        config = replace(config, own=is_own(options.data))
        results = _network(options, folder / "network", config)
        lines += ["network", *results.lines]
    return "\n".join(lines)


def _network(options: argparse.Namespace, folder: Path, config: cnn.GenderConfig) -> Results:
    results = run_task(
        cnn.TASK,
        options.data,
        folder,
        config,
        command=reproducible_command(options),
        resume=options.resume,
        limit=options.limit,
        ship=options.export,
    )
    for name, metrics in json.loads((folder / "metrics.json").read_text())["metrics"].items():
        if "groups" in metrics:
            plot_groups(metrics["groups"], f"gender: {name}", folder / f"groups-{name}.png")
    return results


def reproducible_command(options: argparse.Namespace) -> str:
    """The command that reproduces the models, without --data and --out, which are local paths."""
    arguments = ["python", "-m", "training", "gender"]
    for name in ("method", "epochs", "limit", "seed"):
        if value := getattr(options, name):
            arguments += [f"--{name}", str(value)]
    if options.export is not None:
        arguments += ["--export", options.export.name]
    return shlex.join(arguments)
