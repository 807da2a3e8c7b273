"""The emotion task: FER-2013 with FER+ votes as soft labels or official labels, seven classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32
from training.augment import Augment, augment, without_camera_effects
from training.background import hide_background
from training.batches import Batches
from training.card import TrainingSet
from training.certainty import ValidationFaces, mixed
from training.crops import CropSpec
from training.emotion.evaluate import (
    evaluate,
    oval_validation_faces,
    read_labelled,
    validation_faces,
)
from training.emotion.fer_sources import open_rows
from training.emotion.learned import learned_faces
from training.emotion.oval import NAME as OVAL
from training.emotion.oval import read_oval
from training.fit import FitConfig
from training.networks import NetworkSpec
from training.paint_mask import Wear, paint_mask
from training.prior_shift import Prior
from training.task import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class EmotionConfig:
    """Settings of an emotion run.

    Attributes:
        fit: optimizer and schedule.
        augment: augmentation.
        network: the network's shape; its input size is the crop size.
        labels: FER+ votes as soft labels, FER-2013's official labels, or the mean of both.
        pictures: augment with webcam effects, or only with framing and light.
        rare_power: oversampling of rare classes, see `class_repeats`.
        rare_most: maximum repeats of a face per epoch.
        oval: how often a face of expressions_oval is shown per epoch; 0 excludes the set.
        p_mask: share of faces with a painted mask.
        p_background: share of faces whose background is hidden, see `hide_background`.
        teachers: run or model folders of teachers; their opinion is taken on FER-2013 alone.
        teacher_share: weight of the teachers' soft targets; the labels have the rest.
        prior_power: strength of the prior shift; None to choose it on the validation faces.
        start: run or model folder to take the initial weights from; None for random weights.
    """

    fit: FitConfig = field(default_factory=lambda: FitConfig(epochs=40))
    augment: Augment = field(default_factory=Augment)
    network: NetworkSpec = field(default_factory=lambda: NetworkSpec(48, 1, len(EMOTION.labels)))
    labels: Literal["votes", "official", "both"] = "votes"
    pictures: Literal["webcam", "still"] = "webcam"
    rare_power: float = 0.35
    rare_most: float = 3.0
    oval: float = 0.0
    p_mask: float = 0.1
    p_background: float = 0.0
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.6
    prior_power: float | None = None
    start: str | None = None


def crops_of(config: EmotionConfig) -> CropSpec:
    """How crops are cut with these settings."""
    return CropSpec(config.network.side_px, zoom=1.0, gray=True)


def batches(
    data: Path, config: EmotionConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """Augmented batches of the training faces; see `training.task.ReadBatches`."""
    spec = crops_of(config)
    faces = learned_faces(data, spec, config, limit=limit)
    augmentation = config.augment
    if config.pictures == "still":
        augmentation = without_camera_effects(augmentation)

    def make_batch(
        rows: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], F32]:
        picked = faces.crops[rows]
        for i in np.flatnonzero(rng.random(len(rows)) < config.p_mask):
            picked[i] = paint_mask(picked[i], faces.outline[rows[i]], Wear.WORN, rng)
        if config.p_background:
            for i in np.flatnonzero(rng.random(len(rows)) < config.p_background):
                picked[i] = hide_background(picked[i], faces.outline[rows[i]], rng)
        return augment(picked, spec.side_px, augmentation, rng), faces.labels[rows]

    return Batches(
        faces.repeats,
        make_batch,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=first_epoch,
    )


def validation(data: Path, config: EmotionConfig, *, limit: int | None = None) -> ValidationFaces:
    """The faces of FER-2013's public_test split, and as many of expressions_oval if it is used."""
    faces = read_labelled(data, "public_test", crops_of(config), config.labels, limit)
    parts = [validation_faces(faces, config.labels)]
    if config.oval:
        parts.append(oval_validation_faces(read_oval(data, crops_of(config), limit=limit)))
    taught = learned_faces(data, crops_of(config), config, limit=limit, taught=False)
    prior = Prior(share=taught.class_shares(), power=config.prior_power)
    return replace(mixed(parts), prior=prior)


def configure(epochs: int | None, seed: int) -> EmotionConfig:
    """Default settings with a seed and, if given, a number of epochs."""
    default = EmotionConfig()
    fit = replace(default.fit, epochs=epochs or default.fit.epochs, seed=seed)
    return replace(default, fit=fit)


def sets(data: Path, config: EmotionConfig, *, limit: int | None = None) -> list[TrainingSet]:
    """The training sets of a run with these settings."""
    with open_rows(data, "train") as rows:
        voted = config.labels != "official" and rows.votes is not None
    fer = TrainingSet(
        name="FER-2013 train with "
        + ("FER+ votes as soft labels" if voted else "its official labels")
        + (" and its official labels" if voted and config.labels == "both" else ""),
        terms="pictures: Kaggle challenge data"
        + ("; votes: Microsoft, MIT-style" if voted else ""),
    )
    oval = TrainingSet(
        name=OVAL,
        terms="origin unstated, looks like a part of AffectNet, which is for research only",
    )
    return [fer, oval] if config.oval else [fer]


TASK = Task(
    name="emotion",
    title="emotion: which of seven expressions a face shows",
    labels=EMOTION.labels,
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    evaluate=evaluate,
    sets=sets,
    risk=0.15,  # on a mix of sources; about 0.1 on FER-2013
    masked_risk=0.25,  # at 0.1 hardly any answer would be confident
    limits=(
        "The label is a guess from one picture; what a face shows is not what a person feels.",
        "Trained on posed and staged web pictures, mostly frontal, in gray at 48 px.",
        "Disgust and fear are rare in the training set, and often missed or confused with anger "
        "and surprise.",
        "On faces of a source that it never saw in training, it is right less than half of the "
        "time, and calls too many neutral: see docs/training.md.",
        "With a mask, only eyes and brows are visible: see the metrics on masked faces.",
    ),
)
