"""How many live streams this machine carries: pictures, analyses, age, CPU and memory.

Each row runs in a process of its own, with stub cameras instead of browsers: what WebRTC costs,
decoding and encoding above all, comes on top.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from benchmarks.environment import describe_environment, format_environment
from benchmarks.process_load import cpu_s, memory_mib
from benchmarks.stub_viewers import CAMERA_FPS, StubCamera, Viewer, camera_clip
from realtime.live.analysis_thread import THREAD_NAME
from realtime.live.live_track import LiveTrack
from realtime.live.process import prepare_process

STREAMS = (1, 4, 8, 10, 12, 16, 20)
FACES = 2
SIZE_WH = (640, 480)
WARM_UP_S = 8.0  # after the last stream has loaded: the load is measured and steps take effect
LOAD_TIMEOUT_S = 120.0
MAX_STREAMS = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks capacity`."""
    parser.add_argument(
        "--streams", type=int, nargs="+", default=list(STREAMS), metavar="N",
        help=f"numbers of streams (default: {' '.join(map(str, STREAMS))})",
    )  # fmt: skip
    parser.add_argument(
        "--seconds", type=float, default=10.0, metavar="S", help="time per row (default: 10)"
    )
    parser.add_argument(
        "--faces", type=int, default=FACES, metavar="N", help=f"faces per frame (default: {FACES})"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each number of streams.

    Raises:
        ValueError: a number is out of range.
        RuntimeError: the streams did not start.
    """
    if not all(1 <= streams <= MAX_STREAMS for streams in args.streams):
        raise ValueError(f"--streams takes numbers from 1 to {MAX_STREAMS}.")
    if args.seconds <= 0 or args.faces < 1:
        raise ValueError("--seconds and --faces must be positive.")
    results: dict[str, Any] = {
        "benchmark": "capacity",
        "header": describe_environment(),
        "faces": args.faces,
        "size_wh": list(SIZE_WH),
        "seconds": args.seconds,
        "rows": [],
    }
    context = multiprocessing.get_context("spawn")
    # A process per row: one row's memory must not be part of the next one's.
    with ProcessPoolExecutor(1, mp_context=context, max_tasks_per_child=1) as process:
        for streams in args.streams:
            row = process.submit(measure, streams, args.faces, args.seconds).result()
            results["rows"].append(row)
    results["further_viewer_mib"] = memory_per_viewer(results["rows"])
    return results


def measure(streams: int, faces: int, seconds: float) -> dict[str, Any]:
    """Run so many streams at once in this process; a row of the results."""
    logging.disable(logging.WARNING)  # Streamlit warns that there is no page
    prepare_process()
    return asyncio.run(_measure(streams, faces, seconds))


async def _measure(streams: int, faces: int, seconds: float) -> dict[str, Any]:
    clip = camera_clip(faces, SIZE_WH)
    viewers = [Viewer(LiveTrack()) for _ in range(streams)]
    tasks = [v.start(StubCamera(clip, i / streams)) for i, v in enumerate(viewers)]
    try:
        async with asyncio.timeout(LOAD_TIMEOUT_S):
            while not all(viewer.ages_ms for viewer in viewers):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise RuntimeError(f"{streams} streams did not start in {LOAD_TIMEOUT_S:.0f} s.") from None
    await asyncio.sleep(WARM_UP_S)
    for viewer in viewers:
        viewer.reset()
    start_s, start_cpu_s = time.monotonic(), cpu_s()
    await asyncio.sleep(seconds)
    wall_s, used_s = time.monotonic() - start_s, cpu_s() - start_cpu_s
    row = _row(viewers, wall_s) | {
        "cores": round(used_s / wall_s, 2),
        "rss_mib": round(memory_mib(), 1),
    }
    for viewer in viewers:
        viewer.track.stop()
    await asyncio.gather(*tasks)
    for thread in threading.enumerate():
        if thread.name == THREAD_NAME:  # one that is inside a network ends the process badly
            thread.join(LOAD_TIMEOUT_S)
    return row


def _row(viewers: list[Viewer], wall_s: float) -> dict[str, Any]:
    analyses = [viewer.analyses() for viewer in viewers]
    p50, p95 = np.percentile(np.concatenate([viewer.ages_ms for viewer in viewers]), (50, 95))
    return {
        "mode": "video",
        "streams": len(viewers),
        "shown_fps_min": round(min(viewer.shown for viewer in viewers) / wall_s, 2),
        "shown_fps_mean": round(sum(v.shown for v in viewers) / wall_s / len(viewers), 2),
        "analyses_hz_min": round(min(n for n, _ in analyses) / wall_s, 2),
        "analyses_hz_sum": round(sum(n for n, _ in analyses) / wall_s, 2),
        "age_ms": {"p50": round(float(p50), 1), "p95": round(float(p95), 1)},
        "faces_median": int(np.median([faces for _, faces in analyses])),
    }


def memory_per_viewer(rows: list[dict[str, Any]]) -> float | None:
    """MiB that a further viewer takes, from the rows with fewest and most; None with one row."""
    few, many = (choose(rows, key=lambda row: row["streams"]) for choose in (min, max))
    if few["streams"] == many["streams"]:
        return None
    added_mib: float = many["rss_mib"] - few["rss_mib"]
    added: int = many["streams"] - few["streams"]
    return round(added_mib / added, 1)


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        f"{results['faces']} faces, {results['size_wh'][0]}x{results['size_wh'][1]}, cameras at "
        f"{CAMERA_FPS} fps, {results['seconds']:g} s per row",
        f"{'mode':>6} {'streams':>7} {'fps min':>8} {'fps mean':>8} {'analyses/s min':>14} "
        f"{'sum':>6} {'age p50':>8} {'p95 ms':>7} {'cores':>6} {'MiB':>7}",
    ]
    for row in results["rows"]:
        lines.append(
            f"{row['mode']:>6} {row['streams']:>7} {row['shown_fps_min']:>8.1f} "
            f"{row['shown_fps_mean']:>8.1f} {row['analyses_hz_min']:>14.1f} "
            f"{row['analyses_hz_sum']:>6.0f} {row['age_ms']['p50']:>8.0f} "
            f"{row['age_ms']['p95']:>7.0f} {row['cores']:>6.2f} {row['rss_mib']:>7.0f}"
        )
    if results["further_viewer_mib"] is not None:
        lines.append(f"a further viewer: {results['further_viewer_mib']:.1f} MiB")
    return "\n".join(lines)
