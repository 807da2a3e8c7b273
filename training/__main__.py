"""The command line: `python -m training {emotion,mask} [--data DIR] ...`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from training.data import DEFAULT_DATA, DataError

TASKS = ("emotion", "mask")


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what the arguments say; 0 when done, otherwise 1 and a sentence on stderr, or 130."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras takes seconds to import, so --help and wrong arguments answer before it.
    from training import emotion, mask
    from training.task import run

    task = {"emotion": emotion.TASK, "mask": mask.TASK}[options.task]
    config = task.configure(options.epochs, options.seed)
    for name, value in _choices(options).items():
        if not hasattr(config, name):
            print(f"training: {options.task} has no --{name.replace('_', '-')}.", file=sys.stderr)
            return 1
        config = replace(config, **{name: value})
    shape = {k: v for k in ("kind", "widths", "side_px") if (v := getattr(options, k)) is not None}
    config = replace(config, network=replace(config.network, **shape))
    command = shlex.join(["python", "-m", "training", *_told(options, config.fit.epochs)])
    try:
        verdict = run(
            task,
            options.data,
            options.out or Path("runs") / options.task,
            config,
            command=command,
            resume=options.resume,
            limit=options.limit,
            ship=options.export,
        )
    except (DataError, RuntimeError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("training: stopped; the same command with --resume goes on.", file=sys.stderr)
        return 130
    print("\n".join(verdict.lines))
    return 0


def _choices(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were chosen, by their names in the task's configuration."""
    names = ("labels", "oval", "teachers", "p_mask")
    chosen = {name: getattr(options, name) for name in names}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in chosen.items() if v is not None}


def _told(options: argparse.Namespace, epochs: int) -> list[str]:
    """The command that makes this model, without what names this machine's folders."""
    words = [options.task, "--epochs", str(epochs)]
    if options.seed:
        words += ["--seed", str(options.seed)]
    shape = {k: getattr(options, k) for k in ("kind", "widths", "side_px", "limit")}
    for name, value in {**shape, **_choices(options)}.items():
        if value is not None:
            values = value if isinstance(value, list | tuple) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, values)]
    if options.export is not None:
        words += ["--export", options.export.name]
    return words


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train a network, export it to LiteRT and measure it through the live code.",
    )
    parser.add_argument("task", choices=TASKS, help="what to train")
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help="folder of zipped sets (%(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, help="run folder: checkpoint, curves, figures (runs/TASK)"
    )
    parser.add_argument("--epochs", type=_positive, help="how long to train (the task's usual)")
    parser.add_argument("--seed", type=int, default=0, help="seed of weights, order and changes")
    parser.add_argument(
        "--labels",
        choices=("votes", "official"),
        help="emotion: learn from FER+ votes (usual) or from FER-2013's official labels",
    )
    parser.add_argument(
        "--oval",
        type=float,
        metavar="SHARE",
        help="emotion: how often an epoch shows each face of expressions_oval too (0: never)",
    )
    parser.add_argument(
        "--p-mask", type=float, metavar="SHARE", help="how many bare faces get a mask painted on"
    )
    parser.add_argument(
        "--teachers", nargs="+", metavar="RUN", help="emotion: run folders to distil from"
    )
    parser.add_argument("--kind", choices=("residual", "plain", "separable"), help="the network")
    parser.add_argument(
        "--widths", type=_positive, nargs="+", metavar="N", help="channels of stem and stages"
    )
    parser.add_argument("--side-px", type=_positive, metavar="N", help="side of the crops")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on after the last epoch that the run folder holds; a finished run is only "
        "exported and measured again",
    )
    parser.add_argument(
        "--limit", type=_positive, help="at most that many pictures of each set, for a trial"
    )
    parser.add_argument(
        "--export",
        type=Path,
        metavar="DIR",
        help="write the model's folder to DIR/TASK, replacing what is there: `--export models` "
        "ships it (by default it is written to models/TASK in the run folder)",
    )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


if __name__ == "__main__":
    sys.exit(main())
