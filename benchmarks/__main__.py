"""Run a benchmark: `python -m benchmarks NAME [--json FILE|-]`.

Prints the results as a table and, with --json, writes them as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.protocol import BENCHMARKS, load_benchmark
from realtime.core.extras import run_command


def main(argv: Sequence[str] | None = None) -> int:
    """Run one benchmark.

    Returns:
        The exit code: 0 on success, 1 if the benchmark cannot run, has found problems, or its
        results cannot be written.
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    commands = parser.add_subparsers(dest="name", required=True)
    for name, summary in BENCHMARKS.items():
        command = commands.add_parser(name, help=summary, description=summary)
        command.add_argument("--json", metavar="FILE", help="write the results; - is stdout")
        if name in argv[:1]:  # the others' dependencies are slow to import or may be missing
            load_benchmark(name).add_arguments(command)
    args = parser.parse_args(argv)
    benchmark = load_benchmark(args.name)
    try:
        results = benchmark.run(args)
    except Exception as error:
        if not isinstance(error, (RuntimeError, OSError, ValueError, *_page_errors())):
            raise
        print(f"The benchmark cannot run: {_sentence(error)}", file=sys.stderr)
        return 1
    print(benchmark.report(results), file=sys.stderr if args.json == "-" else sys.stdout)
    text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
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
    return 1 if results.get("problems") else 0


def _page_errors() -> tuple[type[Exception], ...]:
    """What Playwright raises, for benchmarks that use it."""
    playwright = sys.modules.get("playwright.sync_api")
    return () if playwright is None else (playwright.Error,)


def _sentence(error: Exception) -> str:
    if not isinstance(error, _page_errors()):
        return str(error)
    first, _, log = str(error).partition("\nCall log:\n")
    waited = log.strip().partition("\n")[0].removeprefix("- ")
    return " ".join(["a page did not do what was expected.", first.strip(), waited]).strip()


if __name__ == "__main__":
    sys.exit(run_command(main, "bench"))
