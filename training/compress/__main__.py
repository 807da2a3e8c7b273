"""The command line: `python -m training compress {emotion,mask} --run RUN_FOLDER ...`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from training.data import DEFAULT_DATA, DataError

EPOCHS = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Compress a run; 0 when done, otherwise 1 and a sentence on stderr, or 130."""
    options = _parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # Keras takes seconds to import, so --help and wrong arguments answer before it.
    from training import emotion, mask
    from training.compress.run import compress

    task = {"emotion": emotion.TASK, "mask": mask.TASK}[options.task]
    try:
        lines = compress(
            task,
            options.run,
            options.data,
            options.out or options.run / "compress",
            epochs=options.epochs,
            limit=options.limit,
        )
    except (DataError, RuntimeError, ValueError) as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("training: stopped; the same command goes on.", file=sys.stderr)
        return 130
    print("\n".join(lines))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training compress",
        description="Make a trained network smaller and faster in several ways, and measure each.",
    )
    parser.add_argument("task", choices=("emotion", "mask"), help="what the run was trained for")
    parser.add_argument("--run", type=Path, required=True, help="the finished run's folder")
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help="folder of zipped sets (%(default)s)"
    )
    parser.add_argument(
        "--out", type=Path, help="where networks, table and plot go (compress in the run folder)"
    )
    parser.add_argument(
        "--epochs", type=_positive, default=EPOCHS, help="how long each is tuned (%(default)s)"
    )
    parser.add_argument(
        "--limit", type=_positive, help="at most that many pictures of each set, for a trial"
    )
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return value


if __name__ == "__main__":
    sys.exit(main())
