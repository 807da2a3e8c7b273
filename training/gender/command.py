"""`python -m training gender`: both models, one after the other."""

from __future__ import annotations

import argparse
import json
import shlex
from dataclasses import replace
from pathlib import Path

from training.gender import classical, cnn
from training.gender.plots import plot_groups
from training.gender.sources import is_own
from training.task import run as run_task
from training.verdict import Verdict

METHODS = ("eigenfaces", "network")


def add_arguments(parser: argparse.ArgumentParser, task: str) -> None:
    """The options of this command."""
    parser.add_argument(
        "--method", choices=METHODS, help="make only this one of the two (both by default)"
    )
    parser.add_argument(
        "--resume", action="store_true", help="go on with the network's run where it stopped"
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the models to DIR/gender-svm and DIR/gender, replacing what is there: "
        "`--export models` ships them (by default below the run folder)",
    )


def run(options: argparse.Namespace) -> str:
    """Make what the options say; the figures as lines."""
    folder = options.out or Path("runs/gender")
    lines = []
    if options.method != "network":
        verdict = classical.run(
            options.data,
            folder / "eigenfaces",
            command=told(options),
            limit=options.limit,
            ship=options.export,
            settings=classical.Settings(seed=options.seed),
        )
        lines += ["eigenfaces and a support vector machine", *verdict.lines]
    if options.method != "eigenfaces":
        usual = cnn.configure(options.epochs, options.seed)
        config = replace(usual, own=is_own(options.data))
        verdict = _network(options, folder / "network", config)
        lines += ["network", *verdict.lines]
    return "\n".join(lines)


def _network(options: argparse.Namespace, folder: Path, config: cnn.GenderConfig) -> Verdict:
    verdict = run_task(
        cnn.TASK,
        options.data,
        folder,
        config,
        command=told(options),
        resume=options.resume,
        limit=options.limit,
        ship=options.export,
    )
    for name, figures in json.loads((folder / "metrics.json").read_text())["metrics"].items():
        if "groups" in figures:
            plot_groups(figures["groups"], f"gender: {name}", folder / f"groups-{name}.png")
    return verdict


def told(options: argparse.Namespace) -> str:
    """The command that makes these models, without what names this machine's folders."""
    words = ["python", "-m", "training", "gender"]
    for name in ("method", "epochs", "limit", "seed"):
        if value := getattr(options, name):
            words += [f"--{name}", str(value)]
    if options.export is not None:
        words += ["--export", options.export.name]
    return shlex.join(words)
