"""How fast the pipeline is: alone, and from a browser's camera and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime.results.stored import Header, Stored, Told


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """One setting of the latency benchmark.

    Attributes:
        threads: the networks may use.
        width: of the frames.
        height: of the frames.
        faces: on each of them, all in motion.
        frames: measured.
        p50_ms: median of the whole, drawing included.
        p95_ms: 95 % of the frames take less.
        p99_ms: 99 % of the frames take less.
        shares: of the whole, by stage.
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
        """The frames' size in words."""
        return f"{self.width}×{self.height}"


@dataclass(frozen=True, slots=True)
class LatencyRun:
    """One run on one machine."""

    header: Header
    rows: tuple[LatencyRow, ...]


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One page with a fake webcam.

    Attributes:
        page: `facestream`, or `callback` for a page that changes nothing.
        faces: on the camera's film.
        delay_p50_ms: from the camera to the page, median.
        delay_p95_ms: 95 % of the frames take less.
        shown_fps: frames that the page showed a second.
        server_cores: CPU of the server.
    """

    page: str
    faces: int
    delay_p50_ms: float
    delay_p95_ms: float
    shown_fps: float
    server_cores: float


@dataclass(frozen=True, slots=True)
class StreamRun:
    """One run on one machine."""

    header: Header
    rows: tuple[StreamRow, ...]


def latency_run(told: Told) -> LatencyRun:
    """The typed figures of `python -m benchmarks latency --json`.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    return LatencyRun(Header.of(told["header"]), tuple(map(_latency_row, told["rows"])))


def _latency_row(row: Told) -> LatencyRow:
    whole = row["whole_ms"]
    return LatencyRow(
        int(row["threads"]),
        int(row["width"]),
        int(row["height"]),
        int(row["faces"]),
        int(row["n"]),
        float(whole["p50"]),
        float(whole["p95"]),
        float(whole["p99"]),
        {stage: float(one["share"]) for stage, one in row["stages_ms"].items()},
    )


def _stream_run(told: Told) -> StreamRun:
    rows = [
        StreamRow(
            str(row["page"]),
            int(row["faces"]),
            float(row["delay_ms"]["p50"]),
            float(row["delay_ms"]["p95"]),
            float(row["shown_fps"]),
            float(row["server_cores"]),
        )
        for row in told["rows"]
    ]
    return StreamRun(Header.of(told["header"]), tuple(rows))


LATENCY = Stored(
    "latency-*.json",
    "python -m benchmarks latency --json benchmarks/results/latency-MACHINE.json",
    latency_run,
)
STREAM = Stored(
    "stream-*.json",
    "python -m benchmarks stream --json benchmarks/results/stream-MACHINE.json",
    _stream_run,
)
