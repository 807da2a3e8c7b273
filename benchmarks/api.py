"""What a request to the JSON API costs the server: one photo, one face, 640x480 by default."""

from __future__ import annotations

import argparse
from time import perf_counter_ns, thread_time_ns
from typing import Any

import cv2

from benchmarks.environment import header, header_text
from benchmarks.latency import summary
from benchmarks.moving_faces import scene
from realtime.web.app import create_app
from realtime.web.photo_service import PhotoService

WARM_UP = 20
URL = "/api/v1/analyze"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--requests", type=int, default=200, help="requests timed of each kind")
    parser.add_argument("--size", default="640x480", help="the photo's size (%(default)s)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Time requests from the parsed request to the finished answer; no network in between."""
    width, _, height = args.size.partition("x")
    photo = cv2.imencode(".jpg", scene(1, (int(width), int(height))))[1].tobytes()
    client = create_app(PhotoService(), rate="1000000 per minute").test_client()
    first = header()
    queries = {"mask, emotion": "", "boxes and mesh": "?mask=false&emotion=false"}
    queries["thorough"] = "?thorough=true"
    queries["mask, emotion, gender"] = "?gender=true"
    rows = []
    for name, query in queries.items():
        wall, cpu = [], []
        for i in range(WARM_UP + args.requests):
            start, start_cpu = perf_counter_ns(), thread_time_ns()
            answer = client.post(URL + query, data=photo, content_type="image/jpeg")
            if i >= WARM_UP:
                wall.append((perf_counter_ns() - start) / 1e6)
                cpu.append((thread_time_ns() - start_cpu) / 1e6)
        if answer.status_code != 200 or len(answer.get_json()[0]["faces"]) != 1:
            raise RuntimeError(f"the API answered {answer.status_code}, not one face")
        rows.append(
            {"asked": name, "n": len(wall), "whole_ms": summary(wall), "cpu_ms": summary(cpu)}
        )
    return {"header": first, "size": args.size, "rows": rows}


def report(figures: dict[str, Any]) -> str:
    """The figures as a table for people."""
    lines = [header_text(figures["header"]), "", f"one face, {figures['size']}, milliseconds"]
    lines.append(f"{'asked':>24}{'n':>6}{'p50':>8}{'p95':>8}{'cpu p50':>9}")
    for row in figures["rows"]:
        whole, cpu = row["whole_ms"], row["cpu_ms"]["p50"]
        lines.append(
            f"{row['asked']:>24}{row['n']:>6}{whole['p50']:>8.1f}{whole['p95']:>8.1f}{cpu:>9.1f}"
        )
    return "\n".join(lines)
