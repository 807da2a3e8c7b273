"""Milliseconds a frame, by stage and as a whole, with everything on and drawn."""

from __future__ import annotations

import argparse
from collections import defaultdict
from time import perf_counter_ns, thread_time_ns
from typing import Any

import cv2
import numpy as np

from benchmarks import progress_protocol as watched
from benchmarks.environment import header, header_text, usable_cores
from benchmarks.moving_faces import moving_frames
from realtime.core.faces import Frame
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.render.draw import StreamStats, draw_result
from training.progress import Progress

SIZES = ((640, 480), (1280, 720))
FACES = (1, 4, 16)
FRAME_S = 1 / 30
DRAW_ALL = DrawSettings(boxes=True, labels=True, landmarks=True, stats=True)
STATS = StreamStats(fps=30, age_p50_ms=12, age_p95_ms=20, dropped=0)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m benchmarks latency`."""
    parser.add_argument("--runs", type=int, default=300, help="frames measured a setting (300)")
    parser.add_argument("--warm-up", type=int, default=60, help="frames run before (60)")
    parser.add_argument("--faces", type=int, nargs="+", default=list(FACES), metavar="N")
    parser.add_argument(
        "--size", type=_size, nargs="+", default=list(SIZES), metavar="WxH", help="frame sizes"
    )
    parser.add_argument(
        "--threads", type=int, nargs="+", default=sorted({1, usable_cores()}), metavar="N"
    )
    watched.add_argument(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure every combination; the rows come in the order in which they were taken."""
    figures: dict[str, Any] = {"benchmark": "latency", "header": header(), "rows": []}
    settings = len(args.threads) * len(args.size) * len(args.faces)
    frames = settings * (args.warm_up + args.runs)
    bar = watched.steps(frames, "frames", watched=args.watched)
    for threads in args.threads:
        cv2.setNumThreads(threads)
        for size in args.size:
            for faces in args.faces:
                row = measure(
                    moving_frames(faces, size),
                    threads=threads,
                    runs=args.runs,
                    warm_up=args.warm_up,
                    bar=bar,
                )
                figures["rows"].append(
                    {"threads": threads, "width": size[0], "height": size[1], "faces": faces, **row}
                )
    bar.close()
    figures["further_face_ms"] = further_faces(figures["rows"])
    return figures


def measure(
    frames: list[Frame], *, threads: int, runs: int, warm_up: int, bar: Progress
) -> dict[str, Any]:
    """Run the pipeline over the frames, again and again, and take its times; count them on a bar.

    Returns:
        The whole and each stage as p50, p95, p99 and mean in milliseconds; a stage's share of the
        whole; in how many of the runs it ran; the faces reported, as least and median. `cpu_ms` is
        the calling thread's CPU time: with one thread, what the whole costs on an idle machine.
    """
    settings = AnalysisSettings()
    networks = Networks(threads=threads)
    networks.warm_up(settings, faces=16)
    pipeline = Pipeline(networks, settings)
    whole, cpu, faces = [], [], []
    stages: dict[str, list[float]] = defaultdict(list)
    for k in range(warm_up + runs):
        frame = frames[k % len(frames)].copy()
        cpu_start, start = thread_time_ns(), perf_counter_ns()
        result = pipeline.process(frame, k * FRAME_S)
        analysed = perf_counter_ns()
        draw_result(frame, result.faces, DRAW_ALL, STATS)
        end, cpu_end = perf_counter_ns(), thread_time_ns()
        bar.update()
        if k < warm_up:
            continue
        whole.append((end - start) / 1e6)
        cpu.append((cpu_end - cpu_start) / 1e6)
        faces.append(len(result.faces))
        timings = {**result.timings_ms, "draw": (end - analysed) / 1e6}
        timings["rest"] = (analysed - start) / 1e6 - sum(result.timings_ms.values())
        for stage, ms in timings.items():
            stages[stage].append(ms)
    total = sum(whole)
    return {
        "n": runs,
        "faces_least": min(faces),
        "faces_median": float(np.median(faces)),
        "whole_ms": summary(whole),
        "cpu_ms": summary(cpu),
        "stages_ms": {
            stage: {**summary(ms), "runs": len(ms), "share": round(sum(ms) / total, 4)}
            for stage, ms in stages.items()
        },
    }


def summary(ms: list[float]) -> dict[str, float]:
    """Percentiles and mean, to the microsecond."""
    p50, p95, p99 = np.percentile(ms, [50, 95, 99])
    values = {"p50": p50, "p95": p95, "p99": p99, "mean": np.mean(ms)}
    return {name: round(float(value), 3) for name, value in values.items()}


def further_faces(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each face beyond the first adds to the medians, by threads and size."""
    groups: dict[tuple[int, int, int], dict[int, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        groups[row["threads"], row["width"], row["height"]][row["faces"]] = row
    further = []
    for (threads, width, height), by_faces in groups.items():
        most = max(by_faces)
        if most == 1 or 1 not in by_faces:
            continue
        added = {
            name: round((by_faces[most][name]["p50"] - by_faces[1][name]["p50"]) / (most - 1), 3)
            for name in ("whole_ms", "cpu_ms")
        }
        further.append({"threads": threads, "width": width, "height": height, **added})
    return further


def report(figures: dict[str, Any]) -> str:
    """The figures as a table for people; a stage's column is its share of the whole."""
    stages = list(dict.fromkeys(s for row in figures["rows"] for s in row["stages_ms"]))
    head = f"{'threads':>7} {'size':>9} {'faces':>5} {'seen':>4} {'n':>4}"
    head += "".join(f"{name:>8}" for name in ("p50", "p95", "p99", "cpu p50"))
    lines = [header_text(figures["header"]), "", head + "".join(f"{s:>9}" for s in stages)]
    for row in figures["rows"]:
        size, whole = f"{row['width']}x{row['height']}", row["whole_ms"]
        line = f"{row['threads']:>7} {size:>9} {row['faces']:>5} {row['faces_median']:>4.0f} "
        line += f"{row['n']:>4}" + "".join(f"{whole[p]:>8.2f}" for p in ("p50", "p95", "p99"))
        line += f"{row['cpu_ms']['p50']:>8.2f}"
        shares = (row["stages_ms"].get(s, {}).get("share", 0.0) for s in stages)
        lines.append(line + "".join(f"{share:>9.0%}" for share in shares))
    lines += [
        f"each further face, {row['threads']} threads, {row['width']}x{row['height']}: "
        f"{row['whole_ms']:.2f} ms, of CPU {row['cpu_ms']:.2f} ms"
        for row in figures["further_face_ms"]
    ]
    return "\n".join(lines)


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)
