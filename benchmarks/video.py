"""Frames a second of a whole video job: read, analyse, draw and write, all at once or in turn."""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from fractions import Fraction
from time import perf_counter, process_time
from typing import Any

import cv2

from benchmarks.environment import header, header_text
from benchmarks.moving_faces import moving_frames
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.render.draw import draw_result
from realtime.video import VideoReader, VideoWriter, annotate

RATE = 30
Job = Callable[[VideoReader, Pipeline, VideoWriter], int]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m benchmarks video`."""
    parser.add_argument("--frames", type=int, default=600, help="of the clip (%(default)s)")
    parser.add_argument("--size", default="640x480", help="the clip's size (%(default)s)")
    parser.add_argument("--faces", type=int, default=1, help="faces that move (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="times each is run, by turns")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Time both ways by turns, so that what else the machine does disturbs both alike."""
    cv2.setNumThreads(1)
    width, _, height = args.size.partition("x")
    clip = make_clip(args.frames, args.faces, (int(width), int(height)))
    networks = Networks(threads=1)
    networks.warm_up(AnalysisSettings(), faces=args.faces)
    first, rows = header(), list[dict[str, Any]]()
    for _ in range(args.rounds):
        for name, job in (("all at once", at_once), ("in turn", in_turn)):
            rows.append({"way": name, **time_job(job, clip, networks)})
    return {
        "benchmark": "video",
        "header": first,
        "size": args.size,
        "faces": args.faces,
        "rows": rows,
        "ratio": round(best(rows, "all at once") / best(rows, "in turn"), 2),
    }


def time_job(job: Job, clip: bytes, networks: Networks) -> dict[str, Any]:
    """One run: frames a second by the clock, milliseconds of CPU time a frame, faces a frame.

    Raises:
        RuntimeError: frames were lost.
    """
    stated = VideoReader(clip).frames
    out, start, cpu_start = io.BytesIO(), perf_counter(), process_time()
    with VideoReader(clip) as reader:
        pipeline = Pipeline(networks, AnalysisSettings())
        with VideoWriter(out, rate=reader.rate, sound_of=reader) as writer:
            faces = job(reader, pipeline, writer)
    seconds, cpu_s = perf_counter() - start, process_time() - cpu_start
    frames = VideoReader(out.getvalue()).frames
    if not frames or frames != stated:
        raise RuntimeError(f"{stated} frames went in, {frames} came out")
    return {
        "frames": frames,
        "fps": round(frames / seconds, 1),
        "cpu_ms": round(cpu_s * 1e3 / frames, 2),
        "faces": round(faces / frames, 2),
    }


def at_once(reader: VideoReader, pipeline: Pipeline, writer: VideoWriter) -> int:
    """As the command line and the page do it; the faces of all frames."""
    faces = 0

    def look(_: object, result: Any) -> None:
        nonlocal faces
        faces += len(result.faces)

    annotate(reader, pipeline, look, writer=writer)
    return faces


def in_turn(reader: VideoReader, pipeline: Pipeline, writer: VideoWriter) -> int:
    """One step after the other, to compare with."""
    faces = 0
    for frame in reader:
        found = pipeline.process(frame.frame_bgr, frame.time_s).faces
        draw_result(frame.frame_bgr, found, DrawSettings())
        writer.write(frame.frame_bgr, frame.time_s)
        faces += len(found)
    return faces


def best(rows: list[dict[str, Any]], way: str) -> float:
    """The most frames a second that one way reached."""
    return max(float(row["fps"]) for row in rows if row["way"] == way)


def make_clip(count: int, faces: int, size_wh: tuple[int, int]) -> bytes:
    """An MP4 of faces in motion, without sound."""
    out, frames = io.BytesIO(), moving_frames(faces, size_wh)
    with VideoWriter(out, rate=Fraction(RATE)) as writer:
        for k in range(count):
            writer.write(frames[k % len(frames)], k / RATE)
    return out.getvalue()


def report(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    lines = [
        header_text(figures["header"]),
        "",
        f"{figures['faces']} moving, {figures['size']}, H.264 to H.264, boxes and labels drawn",
        f"{'way':>12}{'frames':>8}{'frames/s':>10}{'cpu ms':>8}{'faces':>7}",
    ]
    lines += [
        f"{r['way']:>12}{r['frames']:>8}{r['fps']:>10.1f}{r['cpu_ms']:>8.2f}{r['faces']:>7.2f}"
        for r in figures["rows"]
    ]
    return "\n".join([*lines, "", f"best against best: {figures['ratio']:.2f} times as fast"])
