"""Results of the landmark benchmarks: errors, and their effect on the emotion accuracy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.results.stored import Environment, Interval, StoredResults

_DISPLAY_NAMES = {
    "mesh, by the table": "mesh, nearest points",
    "dlib68, two looks": "dlib68, two passes",
    "dlib68 by the mesh": "dlib68, region from mesh",
    "mesh as 68, corrected": "mesh to 68, corrected",
    "box about the points": "ground-truth box",
    "none, the whole picture": "no alignment",
    "the eyes alone": "eyes only",
}


def display_name(stored: str) -> str:
    """The name to show for a method or a box source as named in the stored results."""
    return _DISPLAY_NAMES.get(stored, stored)


@dataclass(frozen=True, slots=True)
class LandmarkRow:
    """Errors of one landmark method with one source of boxes.

    Errors are mean distances of the points, divided by the distance between the outer eye corners.

    Attributes:
        landmarks: The landmark method.
        source: Where the boxes come from: a detector or the ground truth.
        faces: Number of faces.
        mean: Mean error over all 68 points.
        inner: Mean error without the jaw.
        failed: Fraction of faces with an error over 0.08.
    """

    landmarks: str
    source: str
    faces: int
    mean: Interval
    inner: float
    failed: float


@dataclass(frozen=True, slots=True)
class LandmarkRun:
    """One run of the landmark benchmark.

    Attributes:
        environment: Code and machine of the run.
        rows: Errors by method and source of boxes.
        ms: Milliseconds per face by method.
    """

    environment: Environment
    rows: tuple[LandmarkRow, ...]
    ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """Emotion accuracy with one alignment method.

    Attributes:
        points: The alignment method.
        noise: Standard deviation of the noise added to the points, divided by the distance between
            the eyes; None for rows without noise.
        accuracy: Accuracy of the emotion network.
        difference: Difference in accuracy from the mesh on the same faces.
    """

    points: str
    noise: float | None
    accuracy: Interval
    difference: Interval


@dataclass(frozen=True, slots=True)
class ImpactSet:
    """Emotion accuracy on one data set with each alignment method."""

    name: str
    faces: int
    rows: tuple[ImpactRow, ...]


@dataclass(frozen=True, slots=True)
class ImpactRun:
    """One run of the landmark impact benchmark."""

    environment: Environment
    sets: tuple[ImpactSet, ...]


def _landmark_run(data: Mapping[str, Any]) -> LandmarkRun:
    results = data["landmarks"]
    rows = tuple(
        LandmarkRow(
            landmarks=str(row["landmarks"]),
            source=str(row["from"]),
            faces=int(row["faces"]),
            mean=Interval.from_json(row["mean"]),
            inner=float(row["inner"]),
            failed=float(row["failed"]),
        )
        for row in results["rows"]
    )
    times = {str(name): float(ms) for name, ms in results["milliseconds_per_face"].items()}
    return LandmarkRun(Environment.from_json(data["header"]), rows, times)


def _impact_row(row: Mapping[str, Any]) -> ImpactRow:
    return ImpactRow(
        points=str(row["points"]),
        noise=row.get("noise"),
        accuracy=Interval.from_json(row["accuracy"]),
        difference=Interval.from_json(row["difference"]),
    )


def _impact_run(data: Mapping[str, Any]) -> ImpactRun:
    sets = tuple(
        ImpactSet(name, int(results["n"]), tuple(map(_impact_row, results["rows"])))
        for name, results in data["landmark_impact"].items()
    )
    return ImpactRun(Environment.from_json(data["header"]), sets)


LANDMARKS = StoredResults(
    "landmarks.json",
    "python -m benchmarks accuracy --task landmarks --json benchmarks/results/landmarks.json",
    _landmark_run,
)
IMPACT = StoredResults(
    "landmark-impact.json",
    "python -m benchmarks accuracy --task landmark-impact "
    "--json benchmarks/results/landmark-impact.json",
    _impact_run,
)
