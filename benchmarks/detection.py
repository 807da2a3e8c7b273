"""Accuracy of each face detector: average precision, F1, recall by size and mask, false positives.

Detectors get each image resized to at most `MAX_SIDE_PX`, as in a stream. Curves include all
detections with a score of at least `MIN_SCORE`; single figures are taken at the detector's default
threshold, which `python -m benchmarks thresholds` chose on other images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import models
from benchmarks.detection_plot import plot_curves
from benchmarks.detection_speed import measure_in_subprocess
from benchmarks.detection_store import MIN_SCORE, DetectionStore, ResizedScene
from benchmarks.ground_truth import (
    ATTRIBUTES,
    SIZES_PX,
    all_faces,
    pair_with_truth,
    with_attribute,
    with_mask_label,
)
from benchmarks.meshed_detector import PHOTOS, SUFFIX, default_score, entry_of, files
from realtime.attribute.registry import MASK
from realtime.core.faces import Faces
from realtime.detect import DETECTORS
from training.detector import scenes
from training.detector.evaluate import RULE
from training.detector.scenes import Scene
from training.detector.score import Curve, OperatingPoint, curve

CACHE = Path("runs/cache/detection")
MAX_CURVE_POINTS = 160  # more would not be visible in a plot


@dataclass(frozen=True, slots=True, eq=False)
class _Detected:
    """The scenes of one set with the detections of one detector."""

    scenes: Sequence[ResizedScene]
    faces: Sequence[Faces]

    def curve(self, **selection: Any) -> Curve:
        """The precision-recall curve; for `selection` see `pair_with_truth`."""
        return curve(pair_with_truth(self.scenes, self.faces, **selection))


def available_detectors() -> list[str]:
    """The detectors whose packages are installed."""
    return [name for name, entry in DETECTORS.items() if not entry.missing]


def measure(
    data: Path,
    names: Sequence[str],
    *,
    limit: int | None = None,
    timed: bool = True,
    plot: Path | None = None,
) -> dict[str, Any]:
    """Evaluate detectors.

    Args:
        data: Folder of zipped data sets.
        names: The detectors; members of ensembles run only once.
        limit: Maximum images per set.
        timed: Whether to measure the time per frame too, each detector in its own process.
        plot: File for a plot of all precision-recall curves; None for no plot.

    Raises:
        training.data.DataError: A data set is missing.
        realtime.detect.DetectorMissingError: A package is missing.
    """
    store = DetectionStore(data, CACHE)
    sets = {
        "wider_val": scenes.wider(data, "wider_val")[:limit],
        "mask_scenes": scenes.mask_scenes(data, "val")[:limit],
        "scenes_without_faces": scenes.without_faces(data)[:limit],
    }
    results: dict[str, dict[str, Any]] = {}
    curves: dict[str, Curve] = {}
    photos = [name + SUFFIX for name in names if name == PHOTOS]
    for name in [*names, *photos]:
        curves[name], results[name] = _evaluate(store, name, sets)
        if timed:
            results[name]["ms"] = measure_in_subprocess(name, data)
    if plot is not None:
        plot_curves(curves, plot)
    return {
        "rule": RULE,
        "weights_sha256": models.load("detector").card["sha256"],
        "pictures": {name: len(images) for name, images in sets.items()},
        "detectors": {name: results[name] for name in names},
        "photos": {name: results[name] for name in photos},
    }


def _evaluate(
    store: DetectionStore, name: str, sets: dict[str, list[Scene]]
) -> tuple[Curve, dict[str, Any]]:
    threshold = default_score(name)

    def detected(set_name: str, min_score: float) -> _Detected:
        faces = detect(store, name, set_name, sets[set_name], min_score=min_score)
        return _Detected(store.resized(set_name, sets[set_name]), faces)

    all_detections = detected("wider_val", MIN_SCORE)
    crowds = detected("wider_val", threshold)
    masks = detected("mask_scenes", threshold)
    empty = detected("scenes_without_faces", threshold).curve().at(threshold)
    full_curve = all_detections.curve()
    results: dict[str, Any] = {
        "average_precision": full_curve.average_precision(),
        "curve": _thinned(full_curve),
        "best": _point(full_curve.best()),
        "default": _point(crowds.curve().at(threshold)),
        "by_size": {},
        "by_attribute": {},
        "mask_scenes": {},
        "size_bytes": sum(path.stat().st_size for path in files(name)),
    }
    for title, sizes in SIZES_PX.items():
        # False positives of other sizes say nothing about this one.
        of_size = all_detections.curve(sizes_px=sizes, ignore_other_sizes=True)
        results["by_size"][title] = {
            "faces": of_size.faces,
            "average_precision": of_size.average_precision(),
            "recall": crowds.curve(sizes_px=sizes).at(threshold).recall,
        }
    for attribute, value_names in ATTRIBUTES.items():
        results["by_attribute"][attribute] = {
            value_name: _recall(crowds.curve(group=with_attribute(attribute, value)).at(threshold))
            for value, value_name in enumerate(value_names)
        }
    for label, title in enumerate(MASK.labels):
        point = masks.curve(group=with_mask_label(label)).at(threshold)
        results["mask_scenes"][title] = _recall(point)
    everyone = masks.curve(group=all_faces, ignore_other_sizes=True)
    results["mask_scenes"]["all"] = _point(everyone.at(threshold))
    results["without_faces"] = {
        "pictures": empty.pictures,
        "false_alarms": empty.false_positives,
        "false_alarms_per_picture": empty.false_positives_per_picture,
    }
    return full_curve, results


def _thinned(full_curve: Curve) -> list[list[float]]:
    """Recall and precision at no more than `MAX_CURVE_POINTS` evenly spaced points."""
    points = len(full_curve.score)
    rows = np.linspace(0, points - 1, min(MAX_CURVE_POINTS, points)).round().astype(int)
    pairs = zip(full_curve.recall[rows], full_curve.precision[rows], strict=True)
    return [[round(float(recall), 4), round(float(precision), 4)] for recall, precision in pairs]


def detect(
    store: DetectionStore, name: str, set_name: str, images: Sequence[Scene], *, min_score: float
) -> list[Faces]:
    """Run a detector, or fuse the detections of its members if it is an ensemble."""
    members = entry_of(name).members
    if not members:
        return store.detect(name, set_name, images, min_score=min_score)
    return store.detect_ensemble(members, set_name, images, min_score=min_score)


def _point(point: OperatingPoint) -> dict[str, float]:
    return {
        "min_score": point.min_score,
        "hits": point.true_positives,
        "mistakes": point.false_positives,
        "faces": point.faces,
        "pictures": point.pictures,
        "precision": point.precision,
        "recall": point.recall,
        "f1": point.f1,
    }


def _recall(point: OperatingPoint) -> dict[str, float]:
    return {"faces": point.faces, "recall": point.recall}
