"""Choose each detector's default score threshold, and the detectors of the best ensembles.

Both are chosen by F1 on held-out images of the training sets wider_train and mask_scenes, which the
project's own detector was not trained on. The evaluation sets are never used. Some faces of these
images have no box, so F1 there favours high thresholds; for the project's own detectors, whose F1
hardly changes over a wide range, the lowest threshold of that range is chosen.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection_store import MIN_SCORE, DetectionStore
from benchmarks.environment import describe_environment, format_environment
from benchmarks.ground_truth import pair_with_truth
from benchmarks.meshed_detector import SUFFIX
from realtime.core.certainty import UNSEEN_MARGIN
from realtime.core.faces import Faces
from realtime.detect import DETECTORS, detector_entry
from realtime.detect.ensemble import Member
from training.data import DEFAULT_DATA
from training.detector.examples import held_out_scenes
from training.detector.scenes import Scene
from training.detector.score import Curve, OperatingPoint, Picture, curve, match
from training.report import table

CACHE = Path("runs/cache/detection")
SURE_PRECISION = 0.95
LOOSE_IOU = 0.3
ENSEMBLE_SIZES = (2, 3)
MARGINS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
F1_MARGIN = 0.01  # how much worse than the best our own detectors' F1 may be


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks thresholds`."""
    singles = single_detectors()
    parser.add_argument(
        "--detector", choices=singles, nargs="+", default=singles,
        help="detectors to evaluate (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help="folder of zipped data sets"
    )
    parser.add_argument("--limit", type=int, help="maximum images per set, for a quick trial")


def single_detectors() -> list[str]:
    """The detectors whose packages are installed, without ensembles."""
    return [n for n, entry in DETECTORS.items() if n != "ensemble" and not entry.missing]


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Choose the thresholds and rank the ensembles.

    Raises:
        training.data.DataError: A data set is missing.
    """
    store = DetectionStore(args.data, CACHE)
    held_out = {name: scenes[: args.limit] for name, scenes in held_out_scenes(args.data).items()}
    singles: dict[str, dict[str, Any]] = {}
    members: dict[str, Member] = {}
    with_mesh: list[dict[str, Any]] = []
    for name in args.detector:
        pairs = _pairs(store, held_out, name, {})
        pr_curve = curve(pairs)
        shift = box_shift(pairs)
        own = detector_entry(name).certain_score is not None
        point = lowest_good(pr_curve) if own else pr_curve.best()
        singles[name] = {
            "min_score": point.min_score,
            "f1": point.f1,
            "sure_score": sure_score(pr_curve),
            "box_shift": shift,
        }
        members[name] = Member(point.min_score, point.f1, shift)
        if own:
            with_mesh += _with_mesh(store, held_out, name)
    ensembles = []
    for size in ENSEMBLE_SIZES:
        for names in combinations(args.detector, size):
            chosen = {n: members[n] for n in names}
            pr_curve = curve(_pairs(store, held_out, "+".join(names), chosen))
            best = pr_curve.best()
            ensembles.append(
                {
                    "members": "+".join(names),
                    "min_score": best.min_score,
                    "f1": best.f1,
                    "gain_over_best_member": best.f1 - max(members[n].weight for n in names),
                    "sure_score": sure_score(pr_curve),
                }
            )
    return {
        "benchmark": "thresholds",
        "header": describe_environment(),
        "pictures": {name: len(scenes) for name, scenes in held_out.items()},
        "detectors": singles,
        "with_mesh": with_mesh,
        "ensembles": sorted(ensembles, key=lambda row: -row["f1"]),
    }


def report(results: dict[str, Any]) -> str:
    """Format the results as tables."""
    counts = ", ".join(f"{n} of {name}" for name, n in results["pictures"].items())
    singles = [{"detector": n, **row} for n, row in results["detectors"].items()]
    return "\n\n".join(
        [
            format_environment(results["header"]),
            f"Score thresholds by F1 on held-out training images: {counts}",
            table(singles),
            "On photos, with the mesh: `min_score` where it sees a face, `margin` more where not",
            table(results["with_mesh"]),
            "Ensembles, best first",
            table(results["ensembles"][:15]),
        ]
    )


def _with_mesh(
    store: DetectionStore, held_out: dict[str, list[Scene]], name: str
) -> list[dict[str, Any]]:
    """The best threshold of a detector and the mesh together, by how much the mesh counts."""
    rows = []
    detections = {
        set_name: store.detect(name + SUFFIX, set_name, scenes, min_score=MIN_SCORE)
        for set_name, scenes in held_out.items()
    }
    for margin in MARGINS:
        pairs = []
        for set_name, scenes in held_out.items():
            weighed = [_weighed(faces, margin) for faces in detections[set_name]]
            resized = store.resized(set_name, scenes)
            pairs += pair_with_truth(resized, weighed, ignore_other_sizes=True)
        pr_curve = curve(pairs)
        best, chosen = pr_curve.best(), lowest_good(pr_curve)
        rows.append(
            {
                "detector": name,
                "margin": margin,
                "average_precision": pr_curve.average_precision(),
                "best_f1": best.f1,
                "best_score": best.min_score,
                "min_score": chosen.min_score,
                "f1": chosen.f1,
            }
        )
    return rows


def _weighed(faces: Faces, margin: float) -> Faces:
    """Faces scored by `certainty`, as if the mesh counted by another margin."""
    if faces.presence is None:  # none were found
        return faces
    return faces.with_(score=faces.score + (UNSEEN_MARGIN - margin) * (1 - faces.presence))


def lowest_good(pr_curve: Curve) -> OperatingPoint:
    """The metrics at the lowest threshold whose F1 is within `F1_MARGIN` of the best."""
    best = pr_curve.best()
    good = np.flatnonzero(pr_curve.f1 >= best.f1 - F1_MARGIN)
    return pr_curve.at(float(pr_curve.score[good[-1]])) if len(good) else best


def sure_score(pr_curve: Curve) -> float:
    """The lowest threshold with a precision of at least `SURE_PRECISION`; 1 if there is none."""
    precise = np.flatnonzero(pr_curve.precision >= SURE_PRECISION)
    return float(pr_curve.score[precise[-1]]) if len(precise) else 1.0


def box_shift(pairs: Sequence[Picture]) -> tuple[float, float, float, float]:
    """The median offset of true boxes from detected ones: left, top, right and bottom.

    Offsets are fractions of the detected box's width or height. Detections with a low overlap count
    too: they are the ones that need the correction.
    """
    offsets: list[NDArray[Any]] = [np.zeros((0, 4), np.float32)]
    for pair in pairs:
        matches = match(pair, min_iou=LOOSE_IOU)
        hit = matches >= 0
        box, truth = pair.xyxy[hit], pair.truth[matches[hit]]
        offsets.append((truth - box) / np.tile(box[:, 2:] - box[:, :2], 2))
    rows = np.concatenate(offsets)
    left, top, right, bottom = np.median(rows, axis=0) if len(rows) else np.zeros(4)
    return (
        round(float(left), 3),
        round(float(top), 3),
        round(float(right), 3),
        round(float(bottom), 3),
    )


def _pairs(
    store: DetectionStore, held_out: dict[str, list[Scene]], name: str, members: dict[str, Member]
) -> list[Picture]:
    pairs = []
    for set_name, scenes in held_out.items():
        detections: Sequence[Faces] = (
            store.detect_ensemble(members, set_name, scenes, min_score=MIN_SCORE)
            if members
            else store.detect(name, set_name, scenes, min_score=MIN_SCORE)
        )
        resized = store.resized(set_name, scenes)
        pairs += pair_with_truth(resized, detections, ignore_other_sizes=True)
    return pairs
