"""Mask: worn, none, worn wrongly; sources mixed so that no source gives its class away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32, MASK_LABELS
from training.augment import Augment, augment
from training.batches import Batches
from training.certainty import Held
from training.crops import CropSpec, centre
from training.data import DataError
from training.fit import FitConfig
from training.mask.judge import judge
from training.mask.occlude import occlude
from training.mask.sets import (
    INCORRECT,
    WITH,
    WITHOUT,
    MaskSet,
    faces,
    own,
    scenes,
    utkface,
    wider,
)
from training.near_duplicates import close_pairs, hashes, held_out
from training.networks import NetworkSpec
from training.paint_mask import Wear, paint_mask
from training.task import Task

ZOOM = 1 / 1.3  # a mask hangs below the chin, beyond what shows an emotion
MARGIN = 1.25
WEARS = (Wear.WORN, Wear.BELOW_NOSE, Wear.CHIN)
# How often a face of each source and label is shown in an epoch.
REPEATS = {
    "mask_scenes/train": {WITH: 1.0, WITHOUT: 2.0, INCORRECT: 4.0},
    "mask_scenes/train, found": {WITH: 0.7, WITHOUT: 1.5, INCORRECT: 3.0},
    "mask_faces/web": {WITH: 1.0, WITHOUT: 1.0},
    "mask_faces/crops12k/train": {WITH: 0.4, WITHOUT: 0.2},
    "wider_train": {WITHOUT: 0.7},
    "wider_train, hard": {WITHOUT: 0.8},
    "utkface/train": {WITHOUT: 0.4},
    "own": {WITH: 1.0, WITHOUT: 1.0, INCORRECT: 4.0},
}


@dataclass(frozen=True, slots=True)
class MaskConfig:
    """Settings of a mask run.

    Attributes:
        fit: how it is fitted.
        augment: how crops are changed.
        network: the network's shape.
        p_occlude: the share of bare faces with something painted over the mouth.
        p_mask: the share of bare faces that get a mask painted on and are masked then.
        wears: how often such a mask is worn well, below the nose and on the chin.
        held_out: the share of near-duplicate groups of each source held out for validation.
        offset: added to the last layer's bias. `incorrect` is shown far more often than it
            occurs, so it is guessed too often; this value gave the best macro-F1 on the held-out
            faces.
        start: a run folder whose weights are the first; None begins at random.
    """

    fit: FitConfig = field(default_factory=lambda: FitConfig(epochs=24, smoothing=0.03))
    augment: Augment = field(
        default_factory=lambda: Augment(
            turn_deg=9, scale=0.08, shift=0.04, tint=0.12, p_coarse=0.3, p_cutout=0.1
        )
    )
    network: NetworkSpec = field(
        default_factory=lambda: NetworkSpec(
            48, 3, len(MASK_LABELS), widths=(16, 32, 64, 96), blocks=(1, 2, 2)
        )
    )
    p_occlude: float = 0.25
    p_mask: float = 0.15
    wears: tuple[float, float, float] = (0.55, 0.3, 0.15)
    held_out: float = 0.1
    offset: tuple[float, float, float] = (0.0, 0.0, -1.0)
    start: str | None = None


def crops_of(config: MaskConfig) -> CropSpec:
    """How the crops of such a run are cut."""
    return CropSpec(config.network.side_px, ZOOM, gray=False)


def configure(epochs: int | None, seed: int) -> MaskConfig:
    """The settings for a number of epochs, by default the usual, and a seed."""
    usual = MaskConfig()
    return replace(usual, fit=replace(usual.fit, epochs=epochs or usual.fit.epochs, seed=seed))


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Training faces of all sources, and those held out of them by whole near-duplicate groups."""

    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    outline: F32
    repeats: F32
    held: Held


def read_sources(data: Path, spec: CropSpec, *, limit: int | None = None) -> dict[str, MaskSet]:
    """The sources that the data folder holds, by the names in `REPEATS`.

    Raises:
        DataError: bare or masked faces are missing altogether.
    """
    readers: dict[str, tuple[str, Callable[..., MaskSet]]] = {
        "mask_scenes/train": ("mask_scenes", partial(scenes, data, "train")),
        "mask_scenes/train, found": ("mask_scenes", partial(scenes, data, "train", found=True)),
        "mask_faces/web": ("mask_faces", partial(faces, data, "web")),
        "mask_faces/crops12k/train": ("mask_faces", partial(faces, data, "crops12k/train")),
        "wider_train": ("wider_train", partial(wider, data, "wider_train")),
        "wider_train, hard": ("wider_train", partial(wider, data, "wider_train", hard=True)),
        "utkface/train": ("utkface", partial(utkface, data, "train")),
    }
    sources = {
        name: read(spec=spec, limit=limit)
        for name, (zipped, read) in readers.items()
        if (data / f"{zipped}.zip").is_file()
    }
    sources["own"] = own(data, spec, limit=limit)
    seen = np.concatenate([source.label for source in sources.values()])
    if not np.isin((WITH, WITHOUT), seen).all():
        raise DataError(
            f"{data} holds no masked or no bare faces: put mask_scenes.zip, mask_faces.zip or "
            "folders with_mask and without_mask there."
        )
    return sources


def read_pool(data: Path, config: MaskConfig, *, limit: int | None = None) -> Pool:
    """Read all sources, leave out twins of mask_scenes val, and split off the held-out groups."""
    narrow = crops_of(config)
    spec = narrow.widened(MARGIN)
    sources = read_sources(data, spec, limit=limit)
    tested = np.zeros((0, 8), np.uint8)
    if "mask_scenes/train" in sources:
        tested = hashes(scenes(data, "val", narrow, limit=limit).crops)
    kept: list[MaskSet] = []
    held: list[MaskSet] = []
    repeats = []
    for name, source in sources.items():
        out = held_out(source.group, share=config.held_out, seed=config.fit.seed)
        twin = twins(centre(source.crops, narrow.side_px), tested)
        held.append(source[out & ~twin])
        kept.append(source[~out & ~twin])
        weight = REPEATS[name]
        repeats.append(np.array([weight[int(k)] for k in kept[-1].label], np.float32))
    edge = (spec.side_px - narrow.side_px) / 2
    return Pool(
        np.concatenate([s.crops for s in kept]),
        np.concatenate([s.label for s in kept]),
        np.concatenate([s.outline for s in kept]),
        np.concatenate(repeats),
        Held(
            centre(np.concatenate([s.crops for s in held]), narrow.side_px),
            np.concatenate([s.label for s in held]),
            np.concatenate([s.outline for s in held]) - np.float32(edge),
            np.concatenate([s.yaw_deg for s in held]),
        ),
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

    def change(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.uint8], F32]:
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
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    judge=judge,
    sets=sets,
    risk=0.02,
    limits=(
        "Worn wrongly is rare in the training set: often missed, or seen where there is none.",
        "Beards, scarves, veils and costumes over mouth and nose may be called masks.",
        "Small, dark, blurred or turned faces are less certain.",
    ),
)
