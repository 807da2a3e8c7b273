"""What a mask network is worth, on faces that it never saw and as the running system finds them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.classify.quality import sharpness
from realtime.faces import F32, MASK_LABELS
from realtime.litert import LiteRTModel
from training.crops import CropSpec
from training.evaluate import (
    balanced_accuracy,
    bootstrap,
    predict,
)
from training.mask_sets import INCORRECT, WITH, MaskSet, faces, portraits, scenes, utkface, wider
from training.report import Evaluation
from training.verdict import Verdict

LEAST_PX = 24  # faces judged: the shorter side of the box


def worn_against_none(matrix: NDArray[np.int64]) -> float:
    """Balanced accuracy over with_mask and without_mask; the answer `incorrect` is an error."""
    return balanced_accuracy(np.vstack([matrix[:INCORRECT], np.zeros_like(matrix[INCORRECT:])]))


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
    boxed = scenes(data, "val", spec, limit=limit)
    found = scenes(data, "val", spec, found=True, limit=limit)
    crops = faces(data, "crops12k/test", spec, limit=limit)
    words = f"faces of {LEAST_PX} px and more"
    for name, told, shown in (
        ("mask_scenes_val_found", f"{words} that our detector finds", found),
        ("mask_scenes_val", f"{words}, cut by their true boxes", boxed),
        ("crops12k_test", "tight crops; bare and masked ones are of different sources", crops),
    ):
        shown = shown[shown.side_px >= LEAST_PX]
        prob = predict(network, shown.crops)
        worn = bootstrap(worn_against_none, shown.label, prob.argmax(axis=1), len(MASK_LABELS))
        more: dict[str, Any] = {"balanced_accuracy_worn_against_none": worn.rounded()}
        if shown.name != "mask_faces/crops12k/test":
            more["faces_boxed"] = int((shown.boxed_px >= LEAST_PX).sum())
        verdict.add(
            Evaluation(name, told, MASK_LABELS, shown.label, prob, threshold=unsure.confidence),
            **more,
        )
    for name, told, bare in (
        (
            "wider_val_found",
            "WIDER FACE validation, as our detector finds them",
            wider(data, "wider_val", spec, found=True, limit=limit),
        ),
        (
            "wider_val",
            "WIDER FACE validation, cut by true boxes",
            wider(data, "wider_val", spec, limit=limit),
        ),
        ("utkface_test", "UTKFace test", utkface(data, "test", spec, limit=limit)),
        ("lfw_gender", "LFW", portraits(data, "lfw_gender", spec, limit=limit)),
    ):
        _add_bare(verdict, name, told, network, bare[bare.side_px >= LEAST_PX], unsure)
    return verdict


def _add_bare(
    verdict: Verdict, name: str, told: str, network: LiteRTModel, bare: MaskSet, unsure: Unsure
) -> None:
    """How often bare faces are called masked: always answering, and where the answer is sure."""
    prob = predict(network, bare.crops)
    guess = prob.argmax(axis=1)
    sure = is_sure(prob, bare, unsure)
    figures = {
        "truth": f"{told}: all faces are bare, {LEAST_PX} px and more",
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


def is_sure(prob: F32, shown: MaskSet, unsure: Unsure) -> NDArray[np.bool_]:
    """Which answers the running system would stand by."""
    sure: NDArray[np.bool_] = (
        (prob.max(axis=1, initial=0) >= unsure.confidence)
        & (shown.side_px >= unsure.least_side_px)
        & (sharpness(shown.crops) >= unsure.least_sharpness)
        & (np.abs(shown.yaw_deg) <= unsure.most_yaw_deg)
    )
    return sure


def _share(hits: NDArray[np.bool_]) -> float:
    return round(float(hits.mean()), 4) if len(hits) else 0.0
