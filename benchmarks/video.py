"""Throughput of a video job: read, analyse, draw and write, pipelined or sequentially."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from fractions import Fraction
from time import perf_counter, process_time
from typing import Any

import cv2

from benchmarks.environment import describe_environment, format_environment
from benchmarks.moving_faces import moving_frames
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.render.draw import draw_result
from realtime.video import VideoReader, VideoWriter, annotate

FPS = 30
PIPELINED, SEQUENTIAL = "all at once", "in turn"  # as stored in the results
Job = Callable[[VideoReader, Pipeline, VideoWriter], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks video`."""
    parser.add_argument(
        "--frames", type=int, default=600, help="frames of the clip (default: %(default)s)"
    )
    parser.add_argument("--size", default="640x480", help="frame size (default: %(default)s)")
    parser.add_argument(
        "--faces", type=int, default=1, help="moving faces per frame (default: %(default)s)"
    )
    parser.add_argument(
        "--rounds", type=int, default=3, help="alternating runs of each job (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure both jobs alternately, so that other load on the machine affects both.

    Raises:
        RuntimeError: A job lost frames.
    """
    cv2.setNumThreads(1)
    width, _, height = args.size.partition("x")
    clip = make_clip(args.frames, args.faces, (int(width), int(height)))
    networks = Networks(threads=1)
    networks.warm_up(AnalysisSettings(), faces=args.faces)
    environment, rows = describe_environment(), list[dict[str, Any]]()
    for _ in range(args.rounds):
        for name, job in ((PIPELINED, pipelined), (SEQUENTIAL, sequential)):
            rows.append({"way": name, **measure_job(job, clip, networks)})
    return {
        "benchmark": "video",
        "header": environment,
        "size": args.size,
        "faces": args.faces,
        "rows": rows,
        "ratio": round(best_fps(rows, PIPELINED) / best_fps(rows, SEQUENTIAL), 2),
    }


def measure_job(job: Job, clip: bytes, networks: Networks) -> dict[str, Any]:
    """Run a job once: frames per second, CPU milliseconds per frame and faces per frame.

    Raises:
        RuntimeError: The job lost frames.
    """
    expected = VideoReader(clip).frames
    output, start, cpu_start = io.BytesIO(), perf_counter(), process_time()
    with VideoReader(clip) as reader:
        pipeline = Pipeline(networks, AnalysisSettings())
        with VideoWriter(output, rate=reader.rate, sound_of=reader) as writer:
            faces = job(reader, pipeline, writer)
    seconds, cpu_s = perf_counter() - start, process_time() - cpu_start
    frames = VideoReader(output.getvalue()).frames
    if not frames or frames != expected:
        raise RuntimeError(f"the input has {expected} frames, the output {frames}")
    return {
        "frames": frames,
        "fps": round(frames / seconds, 1),
        "cpu_ms": round(cpu_s * 1e3 / frames, 2),
        "faces": round(faces / frames, 2),
    }


def pipelined(reader: VideoReader, pipeline: Pipeline, writer: VideoWriter) -> int:
    """Run all steps concurrently, as the application does; return the sum of faces per frame."""
    faces = 0

    def count(_: object, result: Any) -> None:
        nonlocal faces
        faces += len(result.faces)

    annotate(reader, pipeline, count, writer=writer)
    return faces


def sequential(reader: VideoReader, pipeline: Pipeline, writer: VideoWriter) -> int:
    """Run one step after the other, for comparison; return the sum of faces per frame."""
    total = 0
    for frame in reader:
        faces = pipeline.process(frame.frame_bgr, frame.time_s).faces
        draw_result(frame.frame_bgr, faces, DrawSettings())
        writer.write(frame.frame_bgr, frame.time_s)
        total += len(faces)
    return total


def best_fps(rows: list[dict[str, Any]], job: str) -> float:
    """The highest frame rate of a job over all its runs."""
    return max(float(row["fps"]) for row in rows if row["way"] == job)


def make_clip(count: int, faces: int, size_wh: tuple[int, int]) -> bytes:
    """Make an MP4 of moving faces, without sound."""
    output, frames = io.BytesIO(), moving_frames(faces, size_wh)
    with VideoWriter(output, rate=Fraction(FPS)) as writer:
        for k in range(count):
            writer.write(frames[k % len(frames)], k / FPS)
    return output.getvalue()


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    names = {PIPELINED: "pipelined", SEQUENTIAL: "sequential"}
    lines = [
        format_environment(results["header"]),
        "",
        f"{results['faces']} moving face(s), {results['size']}, H.264 to H.264, "
        "boxes and labels drawn",
        f"{'job':>12}{'frames':>8}{'fps':>10}{'cpu ms':>8}{'faces':>7}",
    ]
    lines += [
        f"{names[r['way']]:>12}{r['frames']:>8}{r['fps']:>10.1f}{r['cpu_ms']:>8.2f}"
        f"{r['faces']:>7.2f}"
        for r in results["rows"]
    ]
    ratio = f"best runs: pipelined is {results['ratio']:.2f} times as fast as sequential"
    return "\n".join([*lines, "", ratio])
