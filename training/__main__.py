"""The command line: `python -m training NAME [--data DIR] ...`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.core.extras import run_command
from training.data import DEFAULT_DATA, DataError

COMMANDS = {
    "emotion": "train, calibrate, export and judge the emotion network",
    "mask": "the same for the mask network",
    "gender": "fit eigenfaces and a support vector machine, then train the gender network",
    "detector": "train, export and judge the face detector",
    "landmarks": "train 68 points with dlib, and correct the mesh's to what people label",
    "study": "train several emotion networks for a few epochs and compare them",
    "compress": "compare float, int8 and pruned forms of a trained network",
}
# Each is imported only when asked for: Keras takes seconds.
MODULES = {
    "emotion": "training.classifier_command",
    "mask": "training.classifier_command",
    "gender": "training.gender.command",
    "detector": "training.detector.command",
    "landmarks": "training.landmarks.command",
    "study": "training.emotion.study",
    "compress": "training.compress.command",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say; 0 when done, otherwise 1 and a sentence on stderr, or 130."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    options = _parser(arguments[:1]).parse_args(arguments)
    try:
        print(options.module.run(options))
    except (DataError, RuntimeError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("training: stopped; the same command with --resume goes on.", file=sys.stderr)
        return 130
    return 0


def positive(text: str) -> int:
    """A whole number over 0.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


def _parser(chosen: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, title in COMMANDS.items():
        command = commands.add_parser(name, help=title, description=title)
        command.add_argument(
            "--data", type=Path, default=DEFAULT_DATA, help="folder of the sets (%(default)s)"
        )
        command.add_argument(
            "--limit", type=positive, help="at most that many pictures of each set, for a trial"
        )
        command.add_argument("--seed", type=int, default=0, help="seed of weights, order, changes")
        command.add_argument("--epochs", type=positive, help="how long to train (the usual)")
        command.add_argument("--out", type=Path, help="folder of the run (runs/NAME)")
        if name in chosen:
            module = importlib.import_module(MODULES[name])
            module.add_arguments(command, name)
            command.set_defaults(module=module)
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main, "train"))
