"""How many live streams this machine carries: pictures, analyses, age, CPU and memory.

Each row runs in a process of its own, with stub cameras instead of browsers: what WebRTC costs,
decoding and encoding above all, comes on top. `--browsers` measures with real ones.
"""

from __future__ import annotations

import argparse
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from benchmarks.capacity_rows import CARRIED_FPS, CARRIED_HZ, SIZE_WH, Row, joined, measure, summary
from benchmarks.environment import describe_environment, format_environment
from benchmarks.stub_viewers import CAMERA_FPS

MODES = ("video", "overlay")
STREAMS = (1, 4, 8, 10, 16, 20, 32, 64)
FACES = 2
MAX_STREAMS = 256
MAX_BROWSERS = 16
MAX_PROCESSES = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks capacity`."""
    parser.add_argument(
        "--streams", type=int, nargs="+", default=list(STREAMS), metavar="N",
        help=f"numbers of streams (default: {' '.join(map(str, STREAMS))})",
    )  # fmt: skip
    parser.add_argument(
        "--modes", nargs="+", choices=MODES, default=list(MODES), metavar="MODE",
        help="video: the server draws; overlay: the browser does (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="time per row (default: 10)"
    )
    parser.add_argument(
        "--faces", type=int, default=FACES, metavar="N", help=f"faces per frame (default: {FACES})"
    )
    parser.add_argument(
        "--processes", type=int, default=1, metavar="P",
        help="servers that share the streams, as with `serve --workers P` (default: 1)",
    )  # fmt: skip
    parser.add_argument(
        "--minutes", type=float, default=0.0, metavar="M",
        help="then run the streams that each mode carries for this long, and watch the memory",
    )  # fmt: skip
    parser.add_argument(
        "--browsers", type=int, nargs="+", default=[], metavar="N",
        help="then let so many pages of a real Chromium watch (needs the rights of root)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each number of streams.

    Raises:
        ValueError: a number is out of range.
        RuntimeError: the streams did not start.
    """
    if not all(1 <= streams <= MAX_STREAMS for streams in args.streams):
        raise ValueError(f"--streams takes numbers from 1 to {MAX_STREAMS}.")
    if not all(1 <= browsers <= MAX_BROWSERS for browsers in args.browsers):
        raise ValueError(f"--browsers takes numbers from 1 to {MAX_BROWSERS}.")
    if not 1 <= args.processes <= min(MAX_PROCESSES, *args.streams):
        raise ValueError("--processes must be at least 1, and at most the streams of each row.")
    if args.seconds <= 0 or args.faces < 1 or args.minutes < 0:
        raise ValueError("--seconds, --faces and --minutes must be positive.")
    results: dict[str, Any] = {
        "benchmark": "capacity",
        "header": describe_environment(),
        "faces": args.faces,
        "processes": args.processes,
        "size_wh": list(SIZE_WH),
        "seconds": args.seconds,
        "rows": [],
        "modes": {},
    }
    context = multiprocessing.get_context("spawn")
    count = args.processes
    # New processes for each row, so that a row's memory does not count in the next one.
    with ProcessPoolExecutor(count, mp_context=context, max_tasks_per_child=1) as pool:

        def row(mode: str, streams: int, seconds: float) -> Row:
            shares = [streams // count + (i < streams % count) for i in range(count)]
            running = [pool.submit(measure, mode, n, args.faces, seconds) for n in shares]
            return joined([share.result() for share in running])

        for mode in args.modes:
            results["modes"][mode] = _measure_mode(mode, args, row, results["rows"])
    if args.browsers:
        from benchmarks import capacity_browsers

        for browsers in args.browsers:
            results["rows"].append(capacity_browsers.measure(browsers, args.faces, args.seconds))
    return results


def _measure_mode(
    mode: str, args: argparse.Namespace, row: Callable[[str, int, float], Row], rows: list[Row]
) -> Row:
    """Measure all rows of a mode, and append them to the others; returns what they say."""
    own = []
    for streams in args.streams:
        own.append(row(mode, streams, args.seconds))
        rows.append(own[-1])
    said = summary(own)
    if args.minutes:
        said["minutes"] = args.minutes
        said["at_the_limit"] = row(mode, max(1, said["carried"]), 60 * args.minutes)
    return said


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        f"{results['faces']} faces, {results['size_wh'][0]}x{results['size_wh'][1]}, cameras at "
        f"{CAMERA_FPS} fps, {results['seconds']:g} s per row, server processes: "
        f"{results['processes']}",
        f"{'mode':>7} {'streams':>7} {'fps min':>8} {'fps mean':>8} {'analyses/s min':>14} "
        f"{'sum':>6} {'age p50':>8} {'p95 ms':>7} {'cores':>6} {'MiB':>7}",
        *map(_line, results["rows"]),
    ]
    for mode, said in results["modes"].items():
        lines.append(
            f"{mode}: {said['carried']} streams with at least {CARRIED_FPS:g} fps and "
            f"{CARRIED_HZ:g} analyses per second each"
        )
        if said["further_viewer_mib"] is not None:
            lines.append(f"{mode}: a further viewer: {said['further_viewer_mib']:.1f} MiB")
        if said["total_at_twice"] is not None:
            lines.append(
                f"{mode}: at twice that, {said['total_at_twice']:.2f} times the analyses of the "
                "best row"
            )
        if "at_the_limit" in said:
            long = said["at_the_limit"]
            lines.append(
                f"{mode}: {long['streams']} streams for {said['minutes']:g} minutes: "
                f"{long['shown_fps_min']:.1f} fps, {long['analyses_hz_min']:.1f} analyses per "
                f"second, memory {long['growth_mib']:+.1f} MiB"
            )
    return "\n".join(lines)


def _line(row: Row) -> str:
    start = (
        f"{row['mode']:>7} {row['streams']:>7} {row['shown_fps_min']:>8.1f} "
        f"{row['shown_fps_mean']:>8.1f} "
    )
    end = f"{row['cores']:>6.2f} {row['rss_mib']:>7.0f}"
    if "age_ms" not in row:  # a browser does not say
        return f"{start}{'':>38} {end}"
    return (
        f"{start}{row['analyses_hz_min']:>14.1f} {row['analyses_hz_sum']:>6.0f} "
        f"{row['age_ms']['p50']:>8.0f} {row['age_ms']['p95']:>7.0f} {end}"
    )
