"""What the face detectors are worth beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime.results.stored import Header, Stored, Told


@dataclass(frozen=True, slots=True)
class DetectorFigures:
    """One detector; shares hold at its own least score.

    Attributes:
        name: its key in the registry.
        average_precision: at an overlap of 0.5, crowded scenes.
        precision: there.
        recall: there.
        recall_by_size: by the faces' height, in words.
        masked_recall: of faces that wear a mask, scenes in public places.
        bare_recall: of the bare faces in the same scenes.
        false_alarms: a picture that shows no face.
        ms: the median for a frame; None where no times were taken.
        size_bytes: of its files; 0 where they lie inside its package.
        curve: pairs of recall and precision; empty where none is stored.
    """

    name: str
    average_precision: float
    precision: float
    recall: float
    recall_by_size: Mapping[str, float]
    masked_recall: float
    bare_recall: float
    false_alarms: float
    ms: float | None
    size_bytes: int
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DetectionRun:
    """One run: the pictures by set, and the detectors in the registry's order."""

    header: Header
    pictures: Mapping[str, int]
    faces_by_size: Mapping[str, int]
    detectors: tuple[DetectorFigures, ...]


def _detector(name: str, told: Told) -> DetectorFigures:
    masks = told["mask_scenes"]
    return DetectorFigures(
        name,
        float(told["average_precision"]),
        float(told["default"]["precision"]),
        float(told["default"]["recall"]),
        {size: float(one["recall"]) for size, one in told["by_size"].items()},
        float(masks["with_mask"]["recall"]),
        float(masks["without_mask"]["recall"]),
        float(told["without_faces"]["false_alarms_per_picture"]),
        float(told["ms"]["p50"]) if "ms" in told else None,
        int(told["size_bytes"]),
        tuple((float(r), float(p)) for r, p in told.get("curve", ())),
    )


def _run(told: Told) -> DetectionRun:
    found = told["detection"]
    detectors = found["detectors"]
    sizes = next(iter(detectors.values()))["by_size"] if detectors else {}
    return DetectionRun(
        Header.of(told["header"]),
        {name: int(n) for name, n in found["pictures"].items()},
        {size: int(one["faces"]) for size, one in sizes.items()},
        tuple(_detector(name, one) for name, one in detectors.items()),
    )


DETECTION = Stored(
    "detection.json",
    "python -m benchmarks accuracy --task detection --json benchmarks/results/detection.json",
    _run,
)
