"""Time per frame, by stage and in total, with every analysis and every overlay on."""

from __future__ import annotations

import argparse
from collections import defaultdict
from time import perf_counter_ns, thread_time_ns
from typing import Any

import cv2
import numpy as np

from benchmarks.environment import describe_environment, format_environment, usable_cores
from benchmarks.moving_faces import moving_frames
from benchmarks.progress_protocol import add_watched_option, start_progress
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.render.draw import StreamStats, draw_result
from training.progress import Progress

SIZES = ((640, 480), (1280, 720))
FACES = (1, 4, 16)
FRAME_INTERVAL_S = 1 / 30
DRAW_ALL = DrawSettings(boxes=True, labels=True, landmarks=True, stats=True)
STATS = StreamStats(fps=30, age_p50_ms=12, age_p95_ms=20, dropped=0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks latency`."""
    parser.add_argument(
        "--runs", type=int, default=300, help="frames measured per setting (default: 300)"
    )
    parser.add_argument(
        "--warm-up", type=int, default=60, help="frames run before measuring (default: 60)"
    )
    parser.add_argument(
        "--faces", type=int, nargs="+", default=list(FACES), metavar="N", help="faces per frame"
    )
    parser.add_argument(
        "--size", type=_parse_size, nargs="+", default=list(SIZES), metavar="WxH",
        help="frame sizes",
    )  # fmt: skip
    parser.add_argument(
        "--threads", type=int, nargs="+", default=sorted({1, usable_cores()}), metavar="N",
        help="threads per network",
    )  # fmt: skip
    add_watched_option(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure every combination of threads, size and faces."""
    results: dict[str, Any] = {
        "benchmark": "latency",
        "header": describe_environment(),
        "rows": [],
    }
    settings = len(args.threads) * len(args.size) * len(args.faces)
    frames = settings * (args.warm_up + args.runs)
    progress = start_progress(frames, "frames", watched=args.watched)
    for threads in args.threads:
        cv2.setNumThreads(threads)
        for size in args.size:
            for faces in args.faces:
                row = measure(
                    moving_frames(faces, size),
                    threads=threads,
                    runs=args.runs,
                    warm_up=args.warm_up,
                    progress=progress,
                )
                results["rows"].append(
                    {"threads": threads, "width": size[0], "height": size[1], "faces": faces, **row}
                )
    progress.close()
    results["further_face_ms"] = cost_per_additional_face(results["rows"])
    return results


def measure(
    frames: list[Frame], *, threads: int, runs: int, warm_up: int, progress: Progress
) -> dict[str, Any]:
    """Run the pipeline over the looped frames and measure each frame.

    Args:
        frames: Frames to analyse, repeated as often as needed.
        threads: Threads per network.
        runs: Number of measured frames.
        warm_up: Number of frames run before measuring.
        progress: Updated after each frame.

    Returns:
        Percentiles and mean in milliseconds of the total (`whole_ms`), of the calling thread's
        CPU time (`cpu_ms`) and of each stage, with the stage's share of the total and the number
        of frames in which it ran; the minimum and median number of faces reported. With one
        thread, the CPU time is what the total would be on an idle machine.
    """
    settings = AnalysisSettings()
    networks = Networks(threads=threads)
    networks.warm_up(settings, faces=16)
    pipeline = Pipeline(networks, settings, refresh_clear=False)
    total_ms, cpu_ms, faces = [], [], []
    stages: dict[str, list[float]] = defaultdict(list)
    for k in range(warm_up + runs):
        frame = frames[k % len(frames)].copy()
        cpu_start, start = thread_time_ns(), perf_counter_ns()
        result = pipeline.process(frame, k * FRAME_INTERVAL_S)
        analysed = perf_counter_ns()
        draw_result(frame, result.faces, DRAW_ALL, STATS)
        end, cpu_end = perf_counter_ns(), thread_time_ns()
        progress.update()
        if k < warm_up:
            continue
        total_ms.append((end - start) / 1e6)
        cpu_ms.append((cpu_end - cpu_start) / 1e6)
        faces.append(len(result.faces))
        timings = {**result.timings_ms, "draw": (end - analysed) / 1e6}
        timings["rest"] = (analysed - start) / 1e6 - sum(result.timings_ms.values())
        for stage, ms in timings.items():
            stages[stage].append(ms)
    sum_ms = sum(total_ms)
    return {
        "n": runs,
        "faces_least": min(faces),
        "faces_median": float(np.median(faces)),
        "whole_ms": summarize(total_ms),
        "cpu_ms": summarize(cpu_ms),
        "stages_ms": {
            stage: {**summarize(ms), "runs": len(ms), "share": round(sum(ms) / sum_ms, 4)}
            for stage, ms in stages.items()
        },
    }


def summarize(times_ms: list[float]) -> dict[str, float]:
    """p50, p95, p99 and mean of times in milliseconds, rounded to microseconds."""
    p50, p95, p99 = np.percentile(times_ms, [50, 95, 99])
    values = {"p50": p50, "p95": p95, "p99": p99, "mean": np.mean(times_ms)}
    return {name: round(float(value), 3) for name, value in values.items()}


def cost_per_additional_face(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each face beyond the first adds to the median times, by threads and frame size.

    Threads and sizes that were not measured with one face, or with one face only, are left out.
    """
    groups: dict[tuple[int, int, int], dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        groups[row["threads"], row["width"], row["height"]][row["faces"]] = row
    costs = []
    for (threads, width, height), by_faces in groups.items():
        max_faces = max(by_faces)
        if max_faces == 1 or 1 not in by_faces:
            continue
        one, many = by_faces[1], by_faces[max_faces]
        added = {
            name: round((many[name]["p50"] - one[name]["p50"]) / (max_faces - 1), 3)
            for name in ("whole_ms", "cpu_ms")
        }
        costs.append({"threads": threads, "width": width, "height": height, **added})
    return costs


def report(results: dict[str, Any]) -> str:
    """Format the results as a table; the columns of the stages are shares of the total time."""
    stages = list(dict.fromkeys(s for row in results["rows"] for s in row["stages_ms"]))
    head = f"{'threads':>7} {'size':>9} {'faces':>5} {'detected':>8} {'n':>4}"
    head += "".join(f"{name:>8}" for name in ("p50", "p95", "p99", "cpu p50"))
    lines = [
        format_environment(results["header"]),
        "",
        "milliseconds per frame; share of each stage",
        head + "".join(f"{s:>9}" for s in stages),
    ]
    for row in results["rows"]:
        size, total = f"{row['width']}x{row['height']}", row["whole_ms"]
        line = f"{row['threads']:>7} {size:>9} {row['faces']:>5} {row['faces_median']:>8.0f} "
        line += f"{row['n']:>4}" + "".join(f"{total[p]:>8.2f}" for p in ("p50", "p95", "p99"))
        line += f"{row['cpu_ms']['p50']:>8.2f}"
        shares = (row["stages_ms"].get(s, {}).get("share", 0.0) for s in stages)
        lines.append(line + "".join(f"{share:>9.0%}" for share in shares))
    lines += [
        f"each additional face, {row['threads']} threads, {row['width']}x{row['height']}: "
        f"{row['whole_ms']:.2f} ms, {row['cpu_ms']:.2f} ms of CPU time"
        for row in results["further_face_ms"]
    ]
    return "\n".join(lines)


def _parse_size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)
