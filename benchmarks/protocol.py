"""The interface of a benchmark module, and the registry of the benchmarks by name."""

from __future__ import annotations

import argparse
import importlib
from typing import TYPE_CHECKING, Any, Protocol, cast

BENCHMARKS = {
    "latency": "time per frame by stage, for 1, 4 and 16 moving faces",
    "accuracy": "accuracy of classifiers, detectors and landmarks on labelled data sets",
    "mesh": "our face mesh beside MediaPipe's: distance, presence, blinks, labels, speed",
    "video": "throughput of a video job, with and without pipelined decoding and encoding",
    "events": "delay of events of `watch`, from the picture to a webhook and an MQTT broker",
    "bulk": "archives: rates of both engines, kill and resume, memory, plans of a million photos",
    "api": "server time per request to the JSON API",
    "tracking": "how well numbers follow people, beside a plain IoU tracker",
    "thresholds": "default score thresholds of the detectors, and the best ensembles",
    "pages": "page load times, time to a large photo's results, and the cost of live charts",
    "peers": "CPU time per frame and faces found, beside other programs",
    "stream": "latency, frame rate and server load with a real browser and a fake webcam",
    "capacity": "how many live streams this machine carries, without browsers",
    "network": "live streams over slow and lossy networks, and after cuts",
    "soak": "what the server keeps of viewers who come and go, and whether it grows",
    "stalls": "the longest gap in a live stream, and peak memory, while files are uploaded",
}


class Benchmark(Protocol):
    """A benchmark: a module `benchmarks.NAME` with these three functions."""

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Add the command-line options of the benchmark."""

    def run(self, args: argparse.Namespace, /) -> dict[str, Any]:
        """Run the benchmark and return its results, ready for JSON.

        Raises:
            RuntimeError, OSError, ValueError: It cannot run; the message says why.
        """

    def report(self, results: dict[str, Any], /) -> str:
        """Format the results of `run` as text."""


def load_benchmark(name: str) -> Benchmark:
    """Import one benchmark, and with it only the dependencies that it needs.

    Args:
        name: A key of `BENCHMARKS`.
    """
    return cast(Benchmark, importlib.import_module(f"benchmarks.{name}"))


if TYPE_CHECKING:  # lets the type checker compare each module with the protocol
    from benchmarks import (
        accuracy,
        api,
        bulk,
        capacity,
        events,
        latency,
        mesh,
        network,
        pages,
        peers,
        soak,
        stalls,
        stream,
        thresholds,
        tracking,
        video,
    )

    _CHECKED: tuple[Benchmark, ...] = (
        accuracy,
        api,
        bulk,
        capacity,
        events,
        latency,
        mesh,
        network,
        pages,
        peers,
        soak,
        stalls,
        stream,
        thresholds,
        tracking,
        video,
    )
