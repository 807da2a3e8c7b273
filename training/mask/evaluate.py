"""Evaluation of a mask network on test sets, with faces detected as in the live pipeline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.attribute.quality import Quality, sharpness
from realtime.attribute.registry import MASK
from realtime.attribute.verdict import doubts
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.data import DataError
from training.evaluate import balanced_accuracy, bootstrap, f1_scores, predict
from training.mask.occlude import occlude
from training.mask.sets import (
    INCORRECT,
    WITH,
    WITHOUT,
    MaskSet,
    faces,
    portraits,
    scenes,
    utkface,
    wider,
)
from training.report import Evaluation
from training.results import Results

MIN_FACE_PX = 24  # faces evaluated: shorter side of the box
SETS = "mask_scenes, mask_faces, wider_val, utkface, lfw_gender"


def worn_against_none(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The confusion matrix (3, 3) without faces whose mask is worn incorrectly.

    For comparison with two-class models; the answer `incorrect` counts as an error.
    """
    return np.vstack([matrix[:INCORRECT], np.zeros_like(matrix[INCORRECT:])])


WORN_AGAINST_NONE: dict[str, Callable[[NDArray[np.int64]], float]] = {
    "worn_against_none_f1_worn": lambda m: float(f1_scores(worn_against_none(m))[WITH]),
    "worn_against_none_f1_none": lambda m: float(f1_scores(worn_against_none(m))[WITHOUT]),
    "worn_against_none_balanced_accuracy": lambda m: balanced_accuracy(worn_against_none(m)),
}


def evaluate(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Results:
    """Evaluate on labelled sets, and count false alarms on sets of unmasked faces.

    Args:
        network: the exported network.
        spec: how its crops are cut.
        data: the data folder; missing sets are skipped.
        unsure: thresholds of the network.
        limit: maximum number of pictures per set.

    Raises:
        DataError: `data` contains none of the test sets.
    """
    results = Results()
    unsure = unsure or Unsure()
    read = partial(_read, data, limit)
    labelled = {
        "mask_scenes_val_found": (
            "as detected by our detector",
            read("mask_scenes", lambda **k: scenes(data, "val", spec, detected=True, **k)),
        ),
        "mask_scenes_val": (
            "cut by their true boxes",
            read("mask_scenes", lambda **k: scenes(data, "val", spec, **k)),
        ),
        "crops12k_test": (
            "tight crops, with and without masks from different sources",
            read("mask_faces", lambda **k: faces(data, "crops12k/test", spec, **k)),
        ),
    }
    unmasked = {
        "wider_val_found": (
            "WIDER FACE validation, as detected by our detector",
            read("wider_val", lambda **k: wider(data, "wider_val", spec, detected=True, **k)),
        ),
        "wider_val": (
            "WIDER FACE validation, cut by their true boxes",
            read("wider_val", lambda **k: wider(data, "wider_val", spec, **k)),
        ),
        "wider_val_hard_found": (
            "WIDER FACE validation, occluded, atypically posed or in extreme light",
            read(
                "wider_val",
                lambda **k: wider(data, "wider_val", spec, hard=True, detected=True, **k),
            ),
        ),
        "utkface_test_occluded": (
            "UTKFace test with hands, beards and objects painted over the mouth",
            read("utkface", lambda **k: occluded(utkface(data, "test", spec, **k), spec.zoom)),
        ),
        "utkface_test": (
            "UTKFace test",
            read("utkface", lambda **k: utkface(data, "test", spec, **k)),
        ),
        "lfw_gender": (
            "LFW portraits",
            read("lfw_gender", lambda **k: portraits(data, "lfw_gender", spec, **k)),
        ),
    }
    for name, (note, mask_set) in labelled.items():
        if mask_set is not None:
            add_labelled(results, name, note, network, mask_set, unsure)
    for name, (note, mask_set) in unmasked.items():
        if mask_set is not None:
            _add_unmasked(results, name, note, network, mask_set, unsure)
    if not results.metrics:
        raise DataError(f"{data} contains none of the mask test sets: {SETS}.")
    return results


def _read(data: Path, limit: int | None, name: str, read: Callable[..., MaskSet]) -> MaskSet | None:
    """The faces of at least `MIN_FACE_PX`; None if the set is missing from the data folder."""
    if not (data / f"{name}.zip").is_file():
        return None
    mask_set = read(limit=limit)
    return mask_set[mask_set.side_px >= MIN_FACE_PX]


def add_labelled(
    results: Results, name: str, note: str, network: LiteRTModel, mask_set: MaskSet, unsure: Unsure
) -> None:
    """Add metrics of all three classes, and of masked against unmasked faces only."""
    prob = predict(network, mask_set.crops)
    predicted = prob.argmax(axis=1)
    more: dict[str, Any] = {
        name: bootstrap(measure, mask_set.label, predicted, len(MASK.labels)).rounded()
        for name, measure in WORN_AGAINST_NONE.items()
    }
    if name.endswith("_found"):
        more["faces_boxed"] = int((mask_set.boxed_px >= MIN_FACE_PX).sum())
    truth_name = f"faces of at least {MIN_FACE_PX} px, {note}"
    results.add(
        Evaluation(
            name, truth_name, MASK.labels, mask_set.label, prob, threshold=unsure.confidence
        ),
        **more,
    )


def _add_unmasked(
    results: Results, name: str, note: str, network: LiteRTModel, mask_set: MaskSet, unsure: Unsure
) -> None:
    """Add false alarms on unmasked faces: of all answers, and of confident ones."""
    prob = predict(network, mask_set.crops)
    predicted = prob.argmax(axis=1)
    confident = is_confident(prob, mask_set, unsure)
    metrics = {
        "truth": f"faces of at least {MIN_FACE_PX} px, all without a mask; {note}",
        "n": len(mask_set),
        "called_with_mask": _share(predicted == WITH),
        "called_incorrect": _share(predicted == INCORRECT),
        "share_sure": _share(confident),
        "surely_called_with_mask": _share((predicted == WITH) & confident),
        "surely_called_incorrect": _share((predicted == INCORRECT) & confident),
    }
    results.metrics[name] = metrics
    results.lines.append(
        f"{name}: {len(mask_set)} faces without a mask, "
        f"{metrics['called_with_mask']:.2%} classified "
        f"as with_mask, {metrics['called_incorrect']:.2%} as incorrect; confident answers only: "
        f"{metrics['surely_called_with_mask']:.2%} and {metrics['surely_called_incorrect']:.2%}"
    )


def occluded(unmasked: MaskSet, zoom: float, *, seed: int = 0) -> MaskSet:
    """The faces with something other than a mask over the mouth; the same for the same seed."""
    rng = np.random.default_rng(seed)
    crops, others = unmasked.crops, rng.permutation(len(unmasked))
    painted = [occlude(crops[i], crops[k], zoom, rng) for i, k in enumerate(others)]
    return replace(unmasked, crops=np.stack(painted)) if painted else unmasked


def is_confident(prob: F32, mask_set: MaskSet, unsure: Unsure) -> NDArray[np.bool_]:
    """Which answers (n,) the pipeline would not mark as unsure."""
    quality = Quality(mask_set.side_px, mask_set.yaw_deg, sharpness(mask_set.crops))
    confident: NDArray[np.bool_] = doubts(prob, quality, unsure) == 0
    return confident


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
