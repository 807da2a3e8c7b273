"""How exact landmarks are, and what that means for emotion."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime.results.stored import Header, Interval, Stored, Told


@dataclass(frozen=True, slots=True)
class LandmarkRow:
    """One kind of points from one kind of boxes; errors are shares of the eyes' distance.

    Attributes:
        landmarks: what finds the points.
        source: where the boxes come from.
        faces: judged.
        mean: error over all 68 points.
        inner: the same without the jaw.
        failed: share of faces with an error over 0.08.
    """

    landmarks: str
    source: str
    faces: int
    mean: Interval
    inner: float
    failed: float


@dataclass(frozen=True, slots=True)
class LandmarkRun:
    """One run: its rows, and the milliseconds a face of each kind of points."""

    header: Header
    rows: tuple[LandmarkRow, ...]
    ms: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ImpactRow:
    """Accuracy of emotion where faces are cut by these points.

    Attributes:
        points: in words.
        noise: how far the points were moved, over the eyes' distance; None where not at all.
        accuracy: of the emotion network.
        difference: from the mesh, on the same faces.
    """

    points: str
    noise: float | None
    accuracy: Interval
    difference: Interval


@dataclass(frozen=True, slots=True)
class ImpactSet:
    """One set of faces, cut in all ways."""

    name: str
    faces: int
    rows: tuple[ImpactRow, ...]


@dataclass(frozen=True, slots=True)
class ImpactRun:
    """One run, set by set."""

    header: Header
    sets: tuple[ImpactSet, ...]


def _landmarks(told: Told) -> LandmarkRun:
    found = told["landmarks"]
    rows = [
        LandmarkRow(
            str(row["landmarks"]),
            str(row["from"]),
            int(row["faces"]),
            Interval.of(row["mean"]),
            float(row["inner"]),
            float(row["failed"]),
        )
        for row in found["rows"]
    ]
    times = {str(name): float(ms) for name, ms in found["milliseconds_per_face"].items()}
    return LandmarkRun(Header.of(told["header"]), tuple(rows), times)


def _impact(told: Told) -> ImpactRun:
    sets = [
        ImpactSet(
            name,
            int(one["n"]),
            tuple(
                ImpactRow(
                    str(row["points"]),
                    row.get("noise"),
                    Interval.of(row["accuracy"]),
                    Interval.of(row["difference"]),
                )
                for row in one["rows"]
            ),
        )
        for name, one in told["landmark_impact"].items()
    ]
    return ImpactRun(Header.of(told["header"]), tuple(sets))


LANDMARKS = Stored(
    "landmarks.json",
    "python -m benchmarks accuracy --task landmarks --json benchmarks/results/landmarks.json",
    _landmarks,
)
IMPACT = Stored(
    "landmark-impact.json",
    "python -m benchmarks accuracy --task landmark-impact "
    "--json benchmarks/results/landmark-impact.json",
    _impact,
)
