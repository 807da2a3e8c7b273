"""Server time per request to the JSON API: one photo with one face, 640x480 by default."""

from __future__ import annotations

import argparse
from time import perf_counter_ns, thread_time_ns
from typing import Any

import cv2

from benchmarks.environment import describe_environment, format_environment
from benchmarks.latency import summarize
from benchmarks.moving_faces import scene
from realtime.web.app import create_app
from realtime.web.budget import Budget
from realtime.web.photo_service import PhotoService

WARM_UP = 20
URL = "/api/v1/analyze"
QUERIES = {
    "mask, emotion": "",
    "boxes and mesh": "?mask=false&emotion=false",
    "thorough": "?thorough=true",
    "mask, emotion, gender": "?gender=true",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks api`."""
    parser.add_argument(
        "--requests", type=int, default=200, help="requests per query (default: %(default)s)"
    )
    parser.add_argument("--size", default="640x480", help="photo size (default: %(default)s)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure requests in the server process, without a network.

    Raises:
        RuntimeError: The API does not report exactly one face.
    """
    width, _, height = args.size.partition("x")
    photo = cv2.imencode(".jpg", scene(1, (int(width), int(height))))[1].tobytes()
    unlimited = Budget(pictures=10**9, megapixels=10**9)
    app = create_app(PhotoService(), rate="1000000 per minute", budget=unlimited)
    client = app.test_client()
    environment, rows = describe_environment(), []
    for name, query in QUERIES.items():
        wall_ms, cpu_ms = [], []
        for i in range(WARM_UP + args.requests):
            start, cpu_start = perf_counter_ns(), thread_time_ns()
            response = client.post(URL + query, data=photo, content_type="image/jpeg")
            if i >= WARM_UP:
                wall_ms.append((perf_counter_ns() - start) / 1e6)
                cpu_ms.append((thread_time_ns() - cpu_start) / 1e6)
        if response.status_code != 200 or len(response.get_json()[0]["faces"]) != 1:
            raise RuntimeError(
                f"expected one face, got status {response.status_code}: {response.text[:200]}"
            )
        rows.append(
            {
                "asked": name,
                "n": len(wall_ms),
                "whole_ms": summarize(wall_ms),
                "cpu_ms": summarize(cpu_ms),
            }
        )
    return {"header": environment, "size": args.size, "rows": rows}


def report(results: dict[str, Any]) -> str:
    """Format the results as a table."""
    lines = [
        format_environment(results["header"]),
        "",
        f"milliseconds per request, one face, {results['size']}",
        f"{'analyses':>24}{'n':>6}{'p50':>8}{'p95':>8}{'cpu p50':>9}",
    ]
    for row in results["rows"]:
        wall, cpu_p50 = row["whole_ms"], row["cpu_ms"]["p50"]
        lines.append(
            f"{row['asked']:>24}{row['n']:>6}{wall['p50']:>8.1f}{wall['p95']:>8.1f}{cpu_p50:>9.1f}"
        )
    return "\n".join(lines)
