"""The mask task: with, without, or incorrect; sources are mixed so that none reveals the class."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.attribute.registry import MASK
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.augment import Augment, augment
from training.batches import Batches
from training.card import TrainingSet
from training.certainty import ValidationFaces
from training.crops import CropSpec
from training.fit import FitConfig
from training.mask.evaluate import MIN_FACE_PX, add_labelled, evaluate
from training.mask.folds import Fold
from training.mask.occlude import occlude
from training.mask.pool import MARGIN, TRAINING_SETS, Pool, read_pool
from training.mask.sets import INCORRECT, WITH, WITHOUT
from training.networks import NetworkSpec
from training.paint_mask import Wear, paint_mask
from training.results import Results
from training.task import Task

ZOOM = 1 / 1.3  # wider than for emotions, because a mask extends below the chin
WEARS = (Wear.WORN, Wear.BELOW_NOSE, Wear.CHIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskConfig:
    """Settings of a mask run.

    Attributes:
        fit: optimizer and schedule.
        augment: augmentation.
        network: the network's shape.
        p_occlude: share of unmasked faces with an occlusion painted over the mouth.
        p_mask: share of unmasked faces with a painted mask, and labelled accordingly.
        wears: probabilities of painting it correctly, below the nose, and on the chin.
        held_out: share of near-duplicate groups of each source held out for validation.
        start: run folder to take the initial weights from; None for random weights.
        fold: part of mask_scenes to test on; None to test on its `val` split and other sets.
    """

    fit: FitConfig = field(
        default_factory=lambda: FitConfig(epochs=24, smoothing=0.03, best="loss")
    )
    augment: Augment = field(
        default_factory=lambda: Augment(
            turn_deg=9, scale=0.08, shift=0.04, tint=0.12, p_coarse=0.3, p_cutout=0.1
        )
    )
    network: NetworkSpec = field(
        default_factory=lambda: NetworkSpec(
            48, 3, len(MASK.labels), widths=(16, 32, 64, 96), blocks=(1, 2, 2)
        )
    )
    p_occlude: float = 0.25
    p_mask: float = 0.15
    wears: tuple[float, float, float] = (0.55, 0.3, 0.15)
    held_out: float = 0.1
    start: str | None = None
    fold: Fold | None = None


def crops_of(config: MaskConfig) -> CropSpec:
    """How crops are cut with these settings."""
    return CropSpec(config.network.side_px, ZOOM, gray=False)


def configure(epochs: int | None, seed: int) -> MaskConfig:
    """Default settings with a seed and, if given, a number of epochs."""
    default = MaskConfig()
    fit = replace(default.fit, epochs=epochs or default.fit.epochs, seed=seed)
    return replace(default, fit=fit)


def pool_of(data: Path, config: MaskConfig, limit: int | None) -> Pool:
    """The faces for these settings, read once; see `read_pool`."""
    return read_pool(
        data,
        crops_of(config),
        share=config.held_out,
        seed=config.fit.seed,
        fold=config.fold,
        limit=limit,
    )


def batches(
    data: Path, config: MaskConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """Augmented batches of the training faces; see `training.task.ReadBatches`."""
    pool = pool_of(data, config, limit)
    unmasked = pool.crops[pool.label == WITHOUT]
    spec = crops_of(config)
    zoom = spec.widened(MARGIN).zoom
    eye = np.eye(len(MASK.labels), dtype=np.float32)

    def make_batch(
        rows: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], F32]:
        crops, label = pool.crops[rows], pool.label[rows].copy()
        draw = rng.random(len(rows))
        for i in np.flatnonzero((label == WITHOUT) & (draw < config.p_occlude + config.p_mask)):
            if draw[i] < config.p_occlude:
                crops[i] = occlude(crops[i], unmasked[rng.integers(len(unmasked))], zoom, rng)
            else:
                wear = WEARS[int(rng.choice(len(WEARS), p=config.wears))]
                crops[i] = paint_mask(crops[i], pool.outline[rows[i]], wear, rng)
                label[i] = WITH if wear is Wear.WORN else INCORRECT
        return augment(crops, spec.side_px, config.augment, rng), eye[label]

    return Batches(
        pool.repeats,
        make_batch,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=first_epoch,
    )


def validation(data: Path, config: MaskConfig, *, limit: int | None = None) -> ValidationFaces:
    """The faces of all sources held out by near-duplicate groups."""
    return pool_of(data, config, limit).validation


def evaluate_run(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: MaskConfig | None = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Results:
    """Evaluate on the run's fold, or without one on all test sets; see `evaluate`."""
    if config is None or config.fold is None:
        return evaluate(network, spec, data, unsure=unsure, limit=limit)
    results = Results()
    tested = pool_of(data, config, limit).tested
    if tested is not None:
        tested = tested[tested.side_px >= MIN_FACE_PX]
        note = "mask_scenes, as detected by our detector"
        add_labelled(results, "mask_scenes_fold", note, network, tested, unsure or Unsure())
    return results


def sets(data: Path, config: MaskConfig, *, limit: int | None = None) -> list[TrainingSet]:
    """The training sets of a run with these settings: only those with training faces."""
    used = {name.partition(",")[0] for name in pool_of(data, config, limit).sources}
    return [entry for source, entry in TRAINING_SETS.items() if source in used]


TASK = Task(
    name="mask",
    title="mask: worn, not worn, or worn incorrectly",
    labels=MASK.labels,
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    evaluate=evaluate_run,
    sets=sets,
    risk=0.02,
    limits=(
        "Incorrectly worn masks are rare in the training set: expect misses and false alarms.",
        "Beards, scarves, veils and costumes over mouth and nose may be classified as masks.",
        "Results are less reliable for small, dark, blurred or turned faces.",
    ),
)
