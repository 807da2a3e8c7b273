"""Accuracy and speed of the face detectors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.results.stored import Environment, StoredResults


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorMetrics:
    """Metrics of one detector; precision, recall and false positives at its default threshold.

    Attributes:
        name: Name in the registry.
        average_precision: AP@0.5 on crowded scenes.
        precision: Precision on crowded scenes.
        recall: Recall on crowded scenes.
        recall_by_size: Recall on crowded scenes by face height, such as "20-40 px".
        masked_recall: Recall of faces with a mask, scenes in public places.
        bare_recall: Recall of faces without a mask in the same scenes.
        false_positives: False positives per image without faces.
        ms: Median milliseconds per frame; None if not measured.
        size_bytes: Size of its model files; 0 if they are part of its package.
        curve: (recall, precision) pairs; empty if not stored.
    """

    name: str
    average_precision: float
    precision: float
    recall: float
    recall_by_size: Mapping[str, float]
    masked_recall: float
    bare_recall: float
    false_positives: float
    ms: float | None
    size_bytes: int
    curve: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class DetectionRun:
    """One run of the detection benchmark.

    Attributes:
        environment: Code and machine of the run.
        images: Number of images by data set.
        faces_by_size: Number of faces by height.
        detectors: Metrics of the detectors, in the order of the registry.
    """

    environment: Environment
    images: Mapping[str, int]
    faces_by_size: Mapping[str, int]
    detectors: tuple[DetectorMetrics, ...]


def _detector_metrics(name: str, data: Mapping[str, Any]) -> DetectorMetrics:
    masks = data["mask_scenes"]
    return DetectorMetrics(
        name=name,
        average_precision=float(data["average_precision"]),
        precision=float(data["default"]["precision"]),
        recall=float(data["default"]["recall"]),
        recall_by_size={size: float(one["recall"]) for size, one in data["by_size"].items()},
        masked_recall=float(masks["with_mask"]["recall"]),
        bare_recall=float(masks["without_mask"]["recall"]),
        false_positives=float(data["without_faces"]["false_alarms_per_picture"]),
        ms=float(data["ms"]["p50"]) if "ms" in data else None,
        size_bytes=int(data["size_bytes"]),
        curve=tuple((float(r), float(p)) for r, p in data.get("curve", ())),
    )


def _detection_run(data: Mapping[str, Any]) -> DetectionRun:
    results = data["detection"]
    detectors = results["detectors"]
    sizes = next(iter(detectors.values()))["by_size"] if detectors else {}
    return DetectionRun(
        Environment.from_json(data["header"]),
        {name: int(n) for name, n in results["pictures"].items()},
        {size: int(one["faces"]) for size, one in sizes.items()},
        tuple(_detector_metrics(name, metrics) for name, metrics in detectors.items()),
    )


DETECTION = StoredResults(
    "detection.json",
    "python -m benchmarks accuracy --task detection --json benchmarks/results/detection.json",
    _detection_run,
)
