"""The command line: `python -m training {emotion,mask} [--data DIR] ...`."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

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
    if options.oval and options.task == "emotion":
        config = replace(config, oval=options.oval)
    command = f"python -m training {options.task} --epochs {config.fit.epochs}"
    if options.seed:
        command += f" --seed {options.seed}"
    if options.oval and options.task == "emotion":
        command += f" --oval {options.oval}"
    if options.limit is not None:
        command += f" --limit {options.limit}"
    if options.export is not None:
        command += f" --export {shlex.quote(options.export.name)}"
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
        "--oval",
        type=float,
        default=0.0,
        metavar="SHARE",
        help="emotion: how often an epoch shows each face of expressions_oval too (%(default)s)",
    )
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
