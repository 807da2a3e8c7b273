"""Mask: worn, none, worn wrongly; sources mixed so that no source gives its class away."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.faces import F32, MASK_LABELS
from realtime.litert import LiteRTModel
from training.augment import Augment, augment
from training.batches import Batches
from training.crops import CropSpec
from training.evaluate import (
    balanced_accuracy,
    bootstrap,
    calibration_error,
    confusion,
    macro_f1,
    per_class,
    predict,
)
from training.fit import FitConfig, Resume, fit
from training.groups import close_pairs, hashes, held_out
from training.mask_sets import INCORRECT, WITH, WITHOUT, faces, scenes, utkface, wider
from training.networks import NetworkSpec, build
from training.occlude import occlude
from training.task import Task, Verdict

CROPS = CropSpec(side_px=48, zoom=1 / 1.2, gray=False)
MARGIN = 1.25
LEAST_PX = 24  # faces judged: the shorter side of the box
# How often a face of each source and label is shown in an epoch.
REPEATS = {
    "mask_scenes/train": {WITH: 1.5, WITHOUT: 3.0, INCORRECT: 6.0},
    "mask_faces/web": {WITH: 1.0, WITHOUT: 1.0},
    "mask_faces/crops12k/train": {WITH: 0.4, WITHOUT: 0.2},
    "wider_train": {WITHOUT: 0.8},
    "utkface/train": {WITHOUT: 0.3},
}


@dataclass(frozen=True, slots=True)
class MaskConfig:
    """Settings of a mask run.

    Attributes:
        fit: how it is fitted.
        augment: how crops are changed.
        network: the network's shape.
        p_occlude: the share of bare faces with something painted over the mouth.
        held_out: the share of near-duplicate groups of each source held out for validation.
        incorrect_offset: added to the last layer's bias for `incorrect`. That class is shown far
            more often than it occurs, so it is guessed too often; this value gave the best
            macro-F1 on the held-out faces.
    """

    fit: FitConfig = field(default_factory=lambda: FitConfig(epochs=24, smoothing=0.03))
    augment: Augment = field(
        default_factory=lambda: Augment(
            turn_deg=9, scale=0.08, shift=0.04, tint=0.12, p_coarse=0.3, p_cutout=0.1
        )
    )
    network: NetworkSpec = field(
        default_factory=lambda: NetworkSpec(
            CROPS.side_px, 3, len(MASK_LABELS), widths=(16, 32, 64, 96), blocks=(1, 2, 2)
        )
    )
    p_occlude: float = 0.2
    held_out: float = 0.1
    incorrect_offset: float = -1.0


def configure(epochs: int | None, seed: int) -> MaskConfig:
    """The settings for a number of epochs, by default the usual, and a seed."""
    usual = MaskConfig()
    return replace(usual, fit=replace(usual.fit, epochs=epochs or usual.fit.epochs, seed=seed))


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Training faces of all sources, and those held out of them by whole near-duplicate groups."""

    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    repeats: F32
    held_crops: NDArray[np.uint8]
    held_label: NDArray[np.int64]


def read_pool(data: Path, config: MaskConfig, *, limit: int | None = None) -> Pool:
    """Read all sources, leave out twins of mask_scenes val, and split off the held-out groups."""
    spec = CROPS.widened(MARGIN)
    sources = [
        scenes(data, "train", spec, limit=limit),
        faces(data, "web", spec, limit=limit),
        faces(data, "crops12k/train", spec, limit=limit),
        wider(data, "wider_train", spec, limit=limit),
        utkface(data, "train", spec, limit=limit),
    ]
    tested = hashes(scenes(data, "val", CROPS, limit=limit).crops)
    kept, repeats, held = [], [], []
    for number, source in enumerate(sources):
        source = source[~twins(centre(source.crops), tested)]
        out = held_out(source.group, share=config.held_out, seed=config.fit.seed + number)
        held.append(source[out])
        kept.append(source[~out])
        weight = REPEATS[source.name]
        repeats.append(np.array([weight[int(k)] for k in kept[-1].label], np.float32))
    return Pool(
        np.concatenate([s.crops for s in kept]),
        np.concatenate([s.label for s in kept]),
        np.concatenate(repeats),
        centre(np.concatenate([s.crops for s in held])),
        np.concatenate([s.label for s in held]),
    )


def twins(crops: NDArray[np.uint8], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which crops look like one of those whose hashes are given."""
    found = np.zeros(len(crops), bool)
    for i, _ in close_pairs(hashes(crops), codes, most_bits=3):
        found[i] = True
    return found


@lru_cache(maxsize=1)
def _pool(data: Path, config: MaskConfig, limit: int | None) -> Pool:
    return read_pool(data, config, limit=limit)


def batches(
    data: Path, config: MaskConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """The training faces, changed anew every epoch."""
    pool = _pool(data, config, limit)
    bare = pool.crops[pool.label == WITHOUT]
    spec = crops_of(config)
    zoom = spec.widened(MARGIN).zoom
    eye = np.eye(len(MASK_LABELS), dtype=np.float32)

    def change(
        rows: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], F32]:
        crops, label = pool.crops[rows], pool.label[rows].copy()
        chance = rng.random(len(rows))
        for i in np.flatnonzero((label == WITHOUT) & (chance < config.p_occlude + config.p_mask)):
            if chance[i] < config.p_occlude:
                crops[i] = occlude(crops[i], bare[rng.integers(len(bare))], zoom, rng)
            else:
                wear = WEARS[int(rng.choice(len(WEARS), p=config.wears))]
                crops[i] = paint_mask(crops[i], pool.outline[rows[i]], wear, rng)
                label[i] = WITH if wear is Wear.WORN else INCORRECT
        return augment(crops, spec.side_px, config.augment, rng), eye[label]

    return Batches(
        pool.repeats, change, batch=config.fit.batch, seed=config.fit.seed, first_epoch=first_epoch
    )


def validation(data: Path, config: MaskConfig, *, limit: int | None = None) -> Held:
    """The faces of all sources that are held out by whole near-duplicate groups."""
    return _pool(data, config, limit).held


def worn_against_none(matrix: NDArray[np.int64]) -> float:
    """Balanced accuracy over with_mask and without_mask; the answer `incorrect` is an error."""
    return balanced_accuracy(np.vstack([matrix[:INCORRECT], np.zeros_like(matrix[INCORRECT:])]))


def judge(network: LiteRTModel, data: Path, limit: int | None) -> Verdict:
    """Figures on mask_scenes val, and how often bare faces of other sources are called masked."""
    k = len(MASK_LABELS)
    shown = scenes(data, "val", CROPS, limit=limit)
    shown = shown[shown.side_px >= LEAST_PX]
    prob = predict(network, shown.crops)
    guess = prob.argmax(axis=1)
    matrix = confusion(shown.label, guess, k)
    worn = bootstrap(worn_against_none, shown.label, guess, k)
    f1 = bootstrap(macro_f1, shown.label, guess, k)
    metrics: dict[str, Any] = {
        "mask_scenes_val": {
            "truth": f"true boxes whose shorter side is {LEAST_PX} px or more",
            "n": len(guess),
            "balanced_accuracy_worn_against_none": worn.rounded(),
            "macro_f1": f1.rounded(),
            "calibration_error": round(calibration_error(prob, shown.label), 4),
            "per_class": per_class(matrix, MASK_LABELS),
        }
    }
    lines = [f"mask_scenes val: {len(guess)} faces, worn against none {worn}, macro-F1 {f1}"]
    for source in (
        wider(data, "wider_val", CROPS, limit=limit),
        utkface(data, "test", CROPS, limit=limit),
    ):
        bare = source[source.side_px >= LEAST_PX]
        guess = predict(network, bare.crops).argmax(axis=1)
        masked, wrongly = np.mean(guess == WITH), np.mean(guess == INCORRECT)
        seen = bare.presence > 0.5  # the faces that the mesh confirms, which the live page names
        masked_seen = np.mean(guess[seen] == WITH)
        metrics[source.name.replace("/", "_")] = {
            "truth": "all faces are bare",
            "n": len(bare),
            "called_with_mask": round(float(masked), 4),
            "called_incorrect": round(float(wrongly), 4),
            "n_mesh_sees": int(seen.sum()),
            "called_with_mask_where_mesh_sees": round(float(masked_seen), 4),
        }
        lines.append(
            f"{source.name}: {len(bare)} bare faces, {masked:.2%} called with_mask, "
            f"{wrongly:.2%} incorrect; of {seen.sum()} that the mesh confirms {masked_seen:.2%} "
            "with_mask"
        )
    return Verdict(metrics, {"mask_scenes_val": matrix}, lines)


def sets(config: MaskConfig) -> list[dict[str, str]]:
    """The training sets and their terms."""
    return [
        {"name": "mask_scenes train", "terms": "MIT or unstated repositories"},
        {
            "name": "mask_faces web and crops12k train",
            "terms": "MIT repositories; photo owners unknown",
        },
        {"name": "WIDER FACE train, a part", "terms": "CC BY-NC-ND 4.0"},
        {"name": "UTKFace train, a part", "terms": "non-commercial research"},
    ]


TASK = Task(
    name="mask",
    title="mask: worn, not worn, or worn wrongly",
    labels=MASK_LABELS,
    crops=CROPS,
    configure=configure,
    train=train,
    judge=judge,
    sets=sets,
    limits=(
        "Worn wrongly is rare in the training set: often missed, or seen where there is none.",
        "Beards, scarves, veils and costumes over mouth and nose may be called masks.",
        "Small, dark, blurred or turned faces are less certain.",
    ),
)
