"""What a mask network is worth on faces that it never saw, as the running system finds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from realtime.attribute.doubts import Quality, doubts

from models import Unsure
from realtime.attribute.quality import sharpness
from realtime.core.faces import F32, MASK_LABELS
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
from training.verdict import Verdict

LEAST_PX = 24  # faces judged: the shorter side of the box
SETS = "mask_scenes, mask_faces, wider_val, utkface, lfw_gender"


def worn_against_none(matrix: NDArray[np.int64]) -> NDArray[np.int64]:
    """The confusion matrix without the faces whose mask is worn wrongly.

    As others who know two classes report it; the answer `incorrect` is an error.
    """
    return np.vstack([matrix[:INCORRECT], np.zeros_like(matrix[INCORRECT:])])


WORN_AGAINST_NONE: dict[str, Callable[[NDArray[np.int64]], float]] = {
    "worn_against_none_f1_worn": lambda m: float(f1_scores(worn_against_none(m))[WITH]),
    "worn_against_none_f1_none": lambda m: float(f1_scores(worn_against_none(m))[WITHOUT]),
    "worn_against_none_balanced_accuracy": lambda m: balanced_accuracy(worn_against_none(m)),
}


def judge(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: Any = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Verdict:
    """Figures on mask_scenes val and crops12k test, and how often bare faces are called masked."""
    verdict = Verdict()
    unsure = unsure or Unsure()
    read = partial(_read, data, limit)
    labelled = {
        "mask_scenes_val_found": (
            "as our detector finds them",
            read("mask_scenes", lambda **k: scenes(data, "val", spec, found=True, **k)),
        ),
        "mask_scenes_val": (
            "cut by their true boxes",
            read("mask_scenes", lambda **k: scenes(data, "val", spec, **k)),
        ),
        "crops12k_test": (
            "tight crops, bare and masked ones of different sources",
            read("mask_faces", lambda **k: faces(data, "crops12k/test", spec, **k)),
        ),
    }
    bare = {
        "wider_val_found": (
            "WIDER FACE validation, as our detector finds them",
            read("wider_val", lambda **k: wider(data, "wider_val", spec, found=True, **k)),
        ),
        "wider_val": (
            "WIDER FACE validation, cut by their true boxes",
            read("wider_val", lambda **k: wider(data, "wider_val", spec, **k)),
        ),
        "wider_val_hard_found": (
            "those of WIDER FACE validation that are partly hidden, turned or in extreme light",
            read(
                "wider_val", lambda **k: wider(data, "wider_val", spec, hard=True, found=True, **k)
            ),
        ),
        "utkface_test_occluded": (
            "UTKFace test with hands, beards and things painted over the mouth",
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
    for name, (told, shown) in labelled.items():
        if shown is not None:
            _add_labelled(verdict, name, told, network, shown, unsure)
    for name, (told, shown) in bare.items():
        if shown is not None:
            _add_bare(verdict, name, told, network, shown, unsure)
    if not verdict.metrics:
        raise DataError(f"{data} holds none of the sets that masks are judged on: {SETS}.")
    return verdict


def _read(data: Path, limit: int | None, name: str, read: Callable[..., MaskSet]) -> MaskSet | None:
    """The faces of a set that are large enough; None where the data folder lacks it."""
    if not (data / f"{name}.zip").is_file():
        return None
    shown = read(limit=limit)
    return shown[shown.side_px >= LEAST_PX]


def _add_labelled(
    verdict: Verdict, name: str, told: str, network: LiteRTModel, shown: MaskSet, unsure: Unsure
) -> None:
    """Figures of all three classes, and of worn against none alone."""
    prob = predict(network, shown.crops)
    guess = prob.argmax(axis=1)
    more: dict[str, Any] = {
        name: bootstrap(measure, shown.label, guess, len(MASK_LABELS)).rounded()
        for name, measure in WORN_AGAINST_NONE.items()
    }
    if name.endswith("_found"):
        more["faces_boxed"] = int((shown.boxed_px >= LEAST_PX).sum())
    truth = f"faces of {LEAST_PX} px and more, {told}"
    verdict.add(
        Evaluation(name, truth, MASK_LABELS, shown.label, prob, threshold=unsure.confidence),
        **more,
    )


def _add_bare(
    verdict: Verdict, name: str, told: str, network: LiteRTModel, bare: MaskSet, unsure: Unsure
) -> None:
    """How often bare faces are called masked: always answering, and where the answer is sure."""
    prob = predict(network, bare.crops)
    guess = prob.argmax(axis=1)
    sure = is_sure(prob, bare, unsure)
    figures = {
        "truth": f"all faces are bare, {LEAST_PX} px and more; {told}",
        "n": len(bare),
        "called_with_mask": _share(guess == WITH),
        "called_incorrect": _share(guess == INCORRECT),
        "share_sure": _share(sure),
        "surely_called_with_mask": _share((guess == WITH) & sure),
        "surely_called_incorrect": _share((guess == INCORRECT) & sure),
    }
    verdict.metrics[name] = figures
    verdict.lines.append(
        f"{name}: {len(bare)} bare faces, {figures['called_with_mask']:.2%} called with_mask, "
        f"{figures['called_incorrect']:.2%} incorrect; leaving out the unsure "
        f"{figures['surely_called_with_mask']:.2%} and {figures['surely_called_incorrect']:.2%}"
    )


def occluded(bare: MaskSet, zoom: float, *, seed: int = 0) -> MaskSet:
    """The faces with something over the mouth that is no mask, the same for a seed."""
    rng = np.random.default_rng(seed)
    others = rng.permutation(len(bare))
    painted = [occlude(bare.crops[i], bare.crops[k], zoom, rng) for i, k in enumerate(others)]
    return replace(bare, crops=np.stack(painted)) if painted else bare


def is_sure(prob: F32, shown: MaskSet, unsure: Unsure) -> NDArray[np.bool_]:
    """Which answers the running system would stand by."""
    quality = Quality(shown.side_px, shown.yaw_deg, sharpness(shown.crops))
    sure: NDArray[np.bool_] = doubts(prob, quality, unsure) == 0
    return sure


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
