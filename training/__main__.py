"""Command line for training: `python -m training NAME [--data DIR] ...`."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.core.extras import run_command
from realtime.core.quiet import silent_stderr
from training.data import DEFAULT_DATA, DataError

COMMANDS = {
    "emotion": "train, calibrate, export and evaluate the emotion network",
    "mask": "train, calibrate, export and evaluate the mask network",
    "gender": "fit eigenfaces and a support vector machine, then train the gender network",
    "detector": "train, export and evaluate the face detector",
    "landmarks": "train a 68-point shape predictor, and a correction of the mesh's points",
    "mesh": "train, export and evaluate the face mesh, distilled from MediaPipe's",
    "study": "train several emotion networks for a few epochs and compare them",
    "compress": "compare float, int8 and pruned versions of a trained network",
}
# Imported on demand, because importing Keras takes seconds.
MODULES = {
    "emotion": "training.classifier_command",
    "mask": "training.classifier_command",
    "gender": "training.gender.command",
    "detector": "training.detector.command",
    "landmarks": "training.landmarks.command",
    "mesh": "training.mesh.command",
    "study": "training.emotion.study",
    "compress": "training.compress.command",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: command-line arguments; defaults to those of the process.

    Returns:
        Exit code: 0 for success, 1 for an error (with a sentence on stderr), 130 for Ctrl-C.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    options = _parser(arguments[:1]).parse_args(arguments)
    try:
        print(options.module.run(options))
    except (DataError, RuntimeError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        advice = " Run the same command with --resume to continue." if "resume" in options else ""
        print(f"training: stopped.{advice}", file=sys.stderr)
        return 130
    return 0


def positive(text: str) -> int:
    """Parse a positive integer, for `argparse`.

    Raises:
        argparse.ArgumentTypeError: the number is below 1.
        ValueError: the text is not an integer.
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
            "--data",
            type=Path,
            default=DEFAULT_DATA,
            help="folder with the data sets (default: %(default)s)",
        )
        command.add_argument(
            "--limit",
            type=positive,
            help="use at most this many pictures of each set, for a trial run",
        )
        command.add_argument("--seed", type=int, default=0, help="random seed")
        command.add_argument(
            "--epochs", type=positive, help="number of epochs (default: the command's own)"
        )
        command.add_argument("--out", type=Path, help="run folder (default: runs/NAME)")
        if name in chosen:
            with silent_stderr():  # TensorFlow reports on the processor, whatever its log level
                module = importlib.import_module(MODULES[name])
            module.add_arguments(command, name)
            command.set_defaults(module=module)
    return parser


if __name__ == "__main__":
    sys.exit(run_command(main, "train"))
