"""Time per frame of the pipeline, and latency of the stream in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.results.stored import Environment, StoredResults


@dataclass(frozen=True, slots=True, kw_only=True)
class LatencyRow:
    """Time per frame with one combination of threads, frame size and faces.

    Attributes:
        threads: Threads per network.
        width: Frame width in pixels.
        height: Frame height in pixels.
        faces: Moving faces per frame.
        frames: Number of measured frames.
        p50_ms: Median time per frame, drawing included.
        p95_ms: 95th percentile.
        p99_ms: 99th percentile.
        shares: Each stage's share of the total time.
    """

    threads: int
    width: int
    height: int
    faces: int
    frames: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    shares: Mapping[str, float]

    @property
    def size(self) -> str:
        """The frame size as text, such as 640×480."""
        return f"{self.width}×{self.height}"


@dataclass(frozen=True, slots=True)
class LatencyRun:
    """One run of the latency benchmark on one machine."""

    environment: Environment
    rows: tuple[LatencyRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRow:
    """One page with a fake webcam.

    Attributes:
        page: `facestream`, or `callback` for the pass-through baseline.
        faces: Faces in front of the webcam.
        latency_p50_ms: Median latency from the camera to the page.
        latency_p95_ms: 95th percentile.
        shown_fps: Frames per second that the page showed.
        server_cores: CPU cores that the server used on average.
    """

    page: str
    faces: int
    latency_p50_ms: float
    latency_p95_ms: float
    shown_fps: float
    server_cores: float


@dataclass(frozen=True, slots=True)
class StreamRun:
    """One run of the stream benchmark on one machine."""

    environment: Environment
    rows: tuple[StreamRow, ...]


def parse_latency_run(data: Mapping[str, Any]) -> LatencyRun:
    """Parse the results of `python -m benchmarks latency --json`.

    Raises:
        KeyError, TypeError, ValueError: The data has another format.
    """
    rows = tuple(map(_latency_row, data["rows"]))
    return LatencyRun(Environment.from_json(data["header"]), rows)


def _latency_row(row: Mapping[str, Any]) -> LatencyRow:
    total = row["whole_ms"]
    return LatencyRow(
        threads=int(row["threads"]),
        width=int(row["width"]),
        height=int(row["height"]),
        faces=int(row["faces"]),
        frames=int(row["n"]),
        p50_ms=float(total["p50"]),
        p95_ms=float(total["p95"]),
        p99_ms=float(total["p99"]),
        shares={stage: float(one["share"]) for stage, one in row["stages_ms"].items()},
    )


def _stream_row(row: Mapping[str, Any]) -> StreamRow:
    return StreamRow(
        page=str(row["page"]),
        faces=int(row["faces"]),
        latency_p50_ms=float(row["delay_ms"]["p50"]),
        latency_p95_ms=float(row["delay_ms"]["p95"]),
        shown_fps=float(row["shown_fps"]),
        server_cores=float(row["server_cores"]),
    )


def _parse_stream_run(data: Mapping[str, Any]) -> StreamRun:
    rows = tuple(map(_stream_row, data["rows"]))
    return StreamRun(Environment.from_json(data["header"]), rows)


LATENCY = StoredResults(
    "latency-*.json",
    "python -m benchmarks latency --json benchmarks/results/latency-MACHINE.json",
    parse_latency_run,
)
STREAM = StoredResults(
    "stream-*.json",
    "python -m benchmarks stream --json benchmarks/results/stream-MACHINE.json",
    _parse_stream_run,
)
