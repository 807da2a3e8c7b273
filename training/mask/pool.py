"""Training and validation faces of the mask task: which sources, how often, and how they split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.card import OWN_PICTURES, TrainingSet
from training.certainty import ValidationFaces
from training.crops import CropSpec, centre
from training.data import DataError
from training.mask.folds import Fold
from training.mask.sets import (
    INCORRECT,
    WITH,
    WITHOUT,
    MaskSet,
    concatenated,
    faces,
    masked_web,
    own_pictures,
    scenes,
    utkface,
    wider,
)
from training.near_duplicates import close_pairs, hashes, held_out, joined

MARGIN = 1.25
# How often per epoch a face of each source and label is shown.
REPEATS = {
    "mask_scenes/train": {WITH: 1.0, WITHOUT: 2.0, INCORRECT: 4.0},
    "mask_scenes/train, detected": {WITH: 0.7, WITHOUT: 1.5, INCORRECT: 3.0},
    "mask_faces/web": {WITH: 1.0, WITHOUT: 1.0},
    "masked_web": {WITH: 1.0},
    "mask_faces/crops12k/train": {WITH: 0.4, WITHOUT: 0.2},
    "wider_train": {WITHOUT: 0.7},
    "wider_train, hard": {WITHOUT: 0.8},
    "utkface/train": {WITHOUT: 0.4},
    "own": {WITH: 1.0, WITHOUT: 1.0, INCORRECT: 4.0},
}
# The training sets as model cards name them, by source.
TRAINING_SETS = {
    "mask_scenes/train": TrainingSet(
        name="mask_scenes train", terms="MIT or unstated repositories"
    ),
    "mask_faces/web": TrainingSet(
        name="mask_faces web", terms="MIT repositories; photo owners unknown"
    ),
    "masked_web": TrainingSet(
        name="masked_web, web pictures",
        terms="RWMFD, no licence stated; photo owners unknown; faces found by our own detector",
    ),
    "mask_faces/crops12k/train": TrainingSet(
        name="mask_faces crops12k train", terms="MIT repositories; photo owners unknown"
    ),
    "wider_train": TrainingSet(name="WIDER FACE train, a part", terms="CC BY-NC-ND 4.0"),
    "utkface/train": TrainingSet(name="UTKFace train, a part", terms="non-commercial research"),
    "own": OWN_PICTURES,
}


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Training and validation faces of all sources, split by near-duplicate groups.

    Attributes:
        crops: (n, side, side, 3) uint8 BGR, training faces with a margin.
        label: (n,) int64, positions in `MASK.labels`.
        outline: (n, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        repeats: (n,) float32, how often each face is shown per epoch.
        sources: names of the sources with training faces.
        validation: the held-out faces.
        tested: faces of the fold, as our detector finds them, without their margin; None without
            folds.
    """

    crops: NDArray[np.uint8]
    label: NDArray[np.int64]
    outline: F32
    repeats: F32
    sources: tuple[str, ...]
    validation: ValidationFaces
    tested: MaskSet | None


def read_sources(
    data: Path, spec: CropSpec, *, limit: int | None = None, val: bool = False
) -> dict[str, MaskSet]:
    """Read the sources found in the data folder, by their names in `REPEATS`.

    Args:
        data: the data folder.
        spec: how the crops are cut.
        limit: maximum number of pictures per source.
        val: read the `val` split of mask_scenes, too.

    Raises:
        DataError: there are no masked or no unmasked faces.
    """
    readers: dict[str, tuple[str, Callable[..., MaskSet]]] = {
        "mask_scenes/train": ("mask_scenes", partial(scenes, data, "train")),
        "mask_scenes/train, detected": (
            "mask_scenes",
            partial(scenes, data, "train", detected=True),
        ),
        "mask_faces/web": ("mask_faces", partial(faces, data, "web")),
        "masked_web": ("masked_web", partial(masked_web, data)),
        "mask_faces/crops12k/train": ("mask_faces", partial(faces, data, "crops12k/train")),
        "wider_train": ("wider_train", partial(wider, data, "wider_train")),
        "wider_train, hard": ("wider_train", partial(wider, data, "wider_train", hard=True)),
        "utkface/train": ("utkface", partial(utkface, data, "train")),
    }
    if val:
        readers |= {
            "mask_scenes/val": ("mask_scenes", partial(scenes, data, "val")),
            "mask_scenes/val, detected": (
                "mask_scenes",
                partial(scenes, data, "val", detected=True),
            ),
        }
    sources = {
        name: read(spec=spec, limit=limit)
        for name, (zipped, read) in readers.items()
        if (data / f"{zipped}.zip").is_file()
    }
    sources["own"] = own_pictures(data, spec, limit=limit)
    labels = np.concatenate([source.label for source in sources.values()])
    if not np.isin((WITH, WITHOUT), labels).all():
        raise DataError(
            f"{data} needs faces with and without masks: add mask_scenes.zip, mask_faces.zip, or "
            "folders with_mask and without_mask."
        )
    return sources


@lru_cache(maxsize=1)
def read_pool(
    data: Path,
    narrow: CropSpec,
    *,
    share: float,
    seed: int,
    fold: Fold | None = None,
    limit: int | None = None,
) -> Pool:
    """Read all sources, drop near-duplicates of the test set, and hold out validation groups.

    Args:
        data: the data folder.
        narrow: how the network's crops are cut; training crops get a `MARGIN`.
        share: share of near-duplicate groups to hold out; a picture that several sources share is
            held out of all of them.
        seed: seed of the split.
        fold: the part of mask_scenes to test on; None for its `val` split.
        limit: maximum number of pictures per source.

    Raises:
        DataError: there are no masked or no unmasked faces.
    """
    spec = narrow.widened(MARGIN)
    sources = read_sources(data, spec, limit=limit, val=fold is not None)
    every = list(sources.values())
    numbers = joined([s.group for s in every], [s.code for s in every])
    groups = dict(zip(sources, numbers, strict=True))
    test_hashes = np.zeros((0, 8), np.uint8)
    tested = None
    if fold is not None:
        tests = {
            name: source[fold.holds(groups[name])]
            for name, source in sources.items()
            if name.startswith("mask_scenes")
        }
        tested = concatenated([s for name, s in tests.items() if name.endswith("detected")])
        tested = replace(tested, crops=centre(tested.crops, narrow.side_px))
        test_hashes = hashes(c for s in tests.values() for c in centre(s.crops, narrow.side_px))
    elif "mask_scenes/train" in sources:
        test_hashes = hashes(scenes(data, "val", narrow, limit=limit).crops)
    training: list[MaskSet] = []
    validation: list[MaskSet] = []
    repeats = []
    for name, source in sources.items():
        out = held_out(groups[name], share=share, seed=seed)
        in_test = near_duplicates(centre(source.crops, narrow.side_px), test_hashes)
        if fold is not None and name.startswith("mask_scenes"):
            in_test |= fold.holds(groups[name])
        validation.append(source[out & ~in_test])
        training.append(source[~out & ~in_test])
        weight = REPEATS[name.replace("/val", "/train")]
        repeats.append(np.array([weight[int(k)] for k in training[-1].label], np.float32))
    edge = (spec.side_px - narrow.side_px) / 2
    return Pool(
        np.concatenate([s.crops for s in training]),
        np.concatenate([s.label for s in training]),
        np.concatenate([s.outline for s in training]),
        np.concatenate(repeats),
        tuple(name for name, faces in zip(sources, training, strict=True) if len(faces)),
        ValidationFaces(
            centre(np.concatenate([s.crops for s in validation]), narrow.side_px),
            np.concatenate([s.label for s in validation]),
            np.concatenate([s.outline for s in validation]) - np.float32(edge),
            np.concatenate([s.yaw_deg for s in validation]),
        ),
        tested,
    )


def near_duplicates(crops: NDArray[np.uint8], codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which crops (n,) have a hash close to one of `codes` (m, 8)."""
    close = np.zeros(len(crops), bool)
    for i, _ in close_pairs(hashes(crops), codes, max_bits=3):
        close[i] = True
    return close
