"""`python -m benchmarks NAME [--json FILE|-]`: measure, print a table, write the figures as JSON.

Each benchmark is a module with add_arguments(parser), run(args) -> dict and report(figures) -> str.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from realtime.core.extras import run_command

NAMES = {
    "latency": "milliseconds a frame, by stage, for 1, 4 and 16 faces in motion",
    "accuracy": "how often networks and detectors are right, on the labelled data sets",
    "video": "frames a second of a whole video job, its steps all at once against in turn",
    "api": "milliseconds a request to the JSON API takes the server",
    "thresholds": "each face detector's least score, and the best ensembles, on training pictures",
    "pages": "what a visitor waits for: each page, a large photo, charts beside the stream",
    "stream": "delay, frame rate and server load with a real browser and a fake webcam",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one benchmark; the exit code is 0, or 1 where it could not be run."""
    argv = sys.argv[1:] if argv is None else list(argv)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    for name, title in NAMES.items():
        command = commands.add_parser(name, help=title, description=title)
        command.add_argument("--json", metavar="FILE", help="write the figures; - is stdout")
        if name in argv[:1]:  # imported only when asked for: each has heavy needs of its own
            module = importlib.import_module(f"benchmarks.{name}")
            module.add_arguments(command)
            command.set_defaults(module=module)
    args = parser.parse_args(argv)
    try:
        figures = args.module.run(args)
    except (RuntimeError, OSError, ValueError) as error:
        print(f"The benchmark cannot run: {error}", file=sys.stderr)
        return 1
    print(args.module.report(figures), file=sys.stderr if args.json == "-" else sys.stdout)
    text = json.dumps(figures, indent=1, ensure_ascii=False) + "\n"
    if args.json == "-":
        sys.stdout.write(text)
    elif args.json:
        try:
            temporary = Path(f"{args.json}.{os.getpid()}.part")
            temporary.write_text(text, encoding="utf-8")
            temporary.replace(args.json)
        except OSError as error:
            print(f"{args.json} cannot be written: {error.strerror}.", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(run_command(main, "bench"))
