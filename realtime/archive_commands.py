"""The commands `bulk` and `ask`: from parsed options to result folders and an exit code."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from realtime.bulk.engine import Plan, Totals
from realtime.bulk.job import Job
from realtime.bulk.run import Archive, Estimate, estimate, run_archive
from realtime.bulk.sources import STDIN
from realtime.commands import print_error, settings_from
from realtime.engine.photo import MAX_FACES

MAX_WORKERS = 1024
MAX_SHARDS = 1_000_000
LOG_EVERY_S = 60.0  # a line of progress, where stderr is a file


def add_archive_commands(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the commands and their options.

    Args:
        commands: where to.
        common: options that say how faces are analysed.
    """
    bulk = commands.add_parser(
        "bulk", parents=[common], help="analyse an archive of photos and videos"
    )
    bulk.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="files, folders, globs, s3:// or http(s):// addresses; - reads a list from stdin",
    )
    bulk.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="DIR",
        help="the result folder; a run with the same folder does only what is missing",
    )
    bulk.add_argument(
        "--engine",
        choices=("local", "ray"),
        default="local",
        help="processes of this machine, or a Ray cluster (default: %(default)s)",
    )
    bulk.add_argument(
        "--workers",
        type=_workers,
        metavar="N",
        help="processes (default: one for each core), or actors of the cluster",
    )
    bulk.add_argument(
        "--shard",
        type=_shard,
        default=(1, 1),
        metavar="I/N",
        help="take the I-th of N parts of the files, to share an archive among N machines",
    )
    bulk.add_argument("--crops", action="store_true", help="store a small picture of each face")
    bulk.add_argument("--points", action="store_true", help="store the landmarks in photos")
    bulk.add_argument("--retry", action="store_true", help="analyse failed files again")
    bulk.add_argument(
        "--dry-run", action="store_true", help="count the files and estimate the time"
    )
    bulk.set_defaults(run=run_bulk, extras=("archive", "cluster"))

    ask = commands.add_parser("ask", help="query the results of an archive by SQL")
    ask.add_argument("folder", type=Path, metavar="DIR", help="the result folder of `bulk`")
    ask.add_argument(
        "sql", metavar="SQL", help="a query on the views photos, videos, faces, tracks and crops"
    )
    ask.add_argument(
        "--format",
        choices=("table", "csv", "json"),
        default="table",
        help="how to print the answer (default: %(default)s)",
    )
    ask.set_defaults(run=run_ask, extras=("archive",))


def run_bulk(args: argparse.Namespace) -> int:
    """Analyse what the result folder lacks; a file that fails does not stop the others."""
    from tqdm import tqdm

    job = Job(
        settings=settings_from(args, max_faces=MAX_FACES), crops=args.crops, points=args.points
    )
    archive = Archive(
        sources=tuple(args.sources),
        lines=sys.stdin if STDIN in args.sources else (),
        folder=args.out,
        job=job,
        engine=args.engine,
        workers=args.workers or _cores(),
        shard=args.shard,
        retry=args.retry,
    )
    if args.dry_run:
        print(estimate_text(estimate(archive)))
        return 0
    print("Listing files…", file=sys.stderr)
    plans: list[Plan] = []
    pause_s = 0.5 if sys.stderr.isatty() else LOG_EVERY_S
    with tqdm(total=0, unit=" items", smoothing=0.05, mininterval=pause_s) as progress:

        def planned(plan: Plan) -> None:
            plans.append(plan)
            progress.reset(total=plan.todo)

        def counted(totals: Totals) -> None:
            progress.set_postfix(faces=totals.faces, errors=totals.failed_rows)

        def begun() -> None:
            progress.update()

        try:
            totals = run_archive(archive, on_plan=planned, on_item=begun, on_totals=counted)
        except KeyboardInterrupt:
            progress.close()
            return print_error(
                f"Interrupted. What is done is in {args.out}: run the same command to go on.", 130
            )
        seconds = float(progress.format_dict["elapsed"])
    if totals.superseded:
        return print_error(f"Another run has taken over {args.out}. Wait for it.")
    print(report_text(archive, plans[0], totals, seconds))
    for path, error in totals.errors:
        print_error(f"{path}: {error}")
    return 1 if totals.failed_rows else 0


def run_ask(args: argparse.Namespace) -> int:
    """Answer one query."""
    from realtime.bulk.ask import Results, print_answer

    with Results(args.folder) as results:
        width = shutil.get_terminal_size((160, 24)).columns
        print_answer(results, args.sql, args.format, sys.stdout, width=width)
    return 0


def estimate_text(found: Estimate) -> str:
    """What a dry run prints."""
    done = found.plan.total - found.plan.todo
    lines = [
        f"{_count(found.plan.total, 'item')}: {done:,} done, {_count(found.photos, 'photo')} and "
        f"{_count(found.segments, 'video segment')} to do."
    ]
    if found.seconds is not None:
        lines.append(f"Estimated time on this machine: {_duration(found.seconds)}.")
    return "\n".join(lines)


def report_text(archive: Archive, plan: Plan, totals: Totals, seconds: float) -> str:
    """What a run prints at its end."""
    before = plan.total - plan.todo
    rate = totals.rows / max(seconds, 1e-3)
    lines = [
        f"{_count(plan.total, 'item')}: {totals.rows:,} analysed in {_duration(seconds)} "
        f"({rate:.1f} a second), {before:,} done before.",
        f"{_count(totals.faces, 'face')} in them, {_count(totals.failed_rows, 'error')}.",
    ]
    if totals.failed_rows > len(totals.errors):
        lines.append(f"The first {len(totals.errors)} errors follow; all are in the results:")
        lines.append(f"  ask {archive.folder} \"SELECT path, error FROM items WHERE error <> ''\"")
    lines.append(f"Results: {archive.folder}")
    return "\n".join(lines)


def _cores() -> int:
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{value} {unit}" for value, unit in parts if value)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_WORKERS:
        raise argparse.ArgumentTypeError(f"must be from 1 to {MAX_WORKERS}, got {text}")
    return int(text)


def _shard(text: str) -> tuple[int, int]:
    number, slash, total = text.partition("/")
    if not (slash and number.isdecimal() and total.isdecimal()):
        raise argparse.ArgumentTypeError(f"must be I/N, such as 1/4, got {text}")
    if not 1 <= int(number) <= int(total) <= MAX_SHARDS:
        raise argparse.ArgumentTypeError(f"I must be from 1 to N, got {text}")
    return int(number), int(total)
