"""Emotion: FER-2013 pictures, FER+ votes as soft labels or the official ones, seven classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import EMOTION_LABELS, F32
from training.augment import Augment, augment, still
from training.batches import Batches, class_repeats
from training.certainty import Held
from training.crops import CropSpec, centre
from training.emotion.fer import read_fer, trainable
from training.emotion.judge import held, judge, named
from training.emotion.oval import read_oval
from training.fit import FitConfig
from training.networks import NetworkSpec
from training.paint_mask import Wear, paint_mask
from training.task import Task
from training.teachers import soft_targets

MARGIN = 1.25


@dataclass(frozen=True, slots=True)
class EmotionConfig:
    """Settings of an emotion run.

    Attributes:
        fit: how it is fitted.
        augment: how crops are changed.
        network: the network's shape; its side is the crop's.
        labels: FER+ votes, or FER-2013's official label.
        pictures: faces as a webcam shows them, or still ones, changed in framing and light alone.
        rare_power: how far rare classes are evened out, see `class_repeats`.
        rare_most: how often a face is shown in an epoch at the most.
        oval: how often a face of expressions_oval is shown; 0 leaves that set out.
        p_mask: the share of faces that get a mask painted on.
        teachers: run folders of networks to distil from.
        teacher_share: the teachers' weight in the labels, the rest is the votes'.
        offset: added to the last layer's bias.
        start: a run folder whose weights are the first; None begins at random.
    """

    fit: FitConfig = field(default_factory=lambda: FitConfig(epochs=40))
    augment: Augment = field(default_factory=Augment)
    network: NetworkSpec = field(default_factory=lambda: NetworkSpec(48, 1, len(EMOTION_LABELS)))
    labels: Literal["votes", "official"] = "votes"
    pictures: Literal["webcam", "still"] = "webcam"
    rare_power: float = 0.35
    rare_most: float = 3.0
    oval: float = 0.0
    p_mask: float = 0.1
    teachers: tuple[str, ...] = ()
    teacher_share: float = 0.6
    offset: tuple[float, ...] = ()
    start: str | None = None


def crops_of(config: EmotionConfig) -> CropSpec:
    """How the crops of such a run are cut."""
    return CropSpec(config.network.side_px, zoom=1.0, gray=True)


def batches(
    data: Path, config: EmotionConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """The training faces, changed anew every epoch."""
    spec = crops_of(config)
    wide = spec.widened(MARGIN)
    faces = read_fer(data, "train", wide, limit=limit)
    if config.labels == "votes":
        faces = faces[trainable(faces)]
        labels = faces.soft
    else:
        faces = faces[~faces.in_test & (faces.official >= 0)]
        labels = np.eye(len(EMOTION_LABELS), dtype=np.float32)[faces.official]
    crops, outline = faces.crops, faces.outline
    repeats = class_repeats(labels, power=config.rare_power, most=config.rare_most)
    if config.oval:
        oval = read_oval(data, wide, limit=limit)
        learned = ~oval.held
        crops = np.concatenate([crops, oval.crops[learned]])
        labels = np.concatenate([labels, oval.soft[learned]])
        outline = np.concatenate([outline, oval.outline[learned]])
        shown = np.full(learned.sum(), config.oval, np.float32)
        repeats = np.concatenate([repeats, shown])
    if config.teachers:
        taught = soft_targets([Path(t) for t in config.teachers], centre(crops, spec.side_px))
        labels = labels + (taught - labels) * np.float32(config.teacher_share)

    changes = config.augment if config.pictures == "webcam" else still(config.augment)

    def change(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.uint8], F32]:
        picked = crops[rows]
        for i in np.flatnonzero(rng.random(len(rows)) < config.p_mask):
            picked[i] = paint_mask(picked[i], outline[rows[i]], Wear.WORN, rng)
        return augment(picked, spec.side_px, changes, rng), labels[rows]

    return Batches(
        repeats, change, batch=config.fit.batch, seed=config.fit.seed, first_epoch=first_epoch
    )


def validation(data: Path, config: EmotionConfig, *, limit: int | None = None) -> Held:
    """FER-2013's public_test."""
    faces = named(data, "public_test", crops_of(config), config.labels, limit)
    return held(faces, config.labels)


def configure(epochs: int | None, seed: int) -> EmotionConfig:
    """The settings for a number of epochs, by default the usual, and a seed."""
    usual = EmotionConfig()
    return replace(usual, fit=replace(usual.fit, epochs=epochs or usual.fit.epochs, seed=seed))


def sets(config: EmotionConfig) -> list[dict[str, str]]:
    """The training sets of a run with these settings, and their terms."""
    votes = config.labels == "votes"
    fer = {
        "name": "FER-2013 train with "
        + ("FER+ votes as soft labels" if votes else "its official labels"),
        "terms": "pictures: Kaggle challenge data; votes: Microsoft, MIT-style",
    }
    oval = {
        "name": "expressions_oval",
        "terms": "origin unstated, looks like a part of AffectNet, which is for research only",
    }
    return [fer, oval] if config.oval else [fer]


TASK = Task(
    name="emotion",
    title="emotion: which of seven expressions a face shows",
    labels=EMOTION_LABELS,
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    judge=judge,
    sets=sets,
    risk=0.1,
    masked_risk=0.25,  # at a tenth hardly any answer would be left
    limits=(
        "The label is a guess from one picture; what a face shows is not what a person feels.",
        "Learned from posed and staged web pictures, framed frontally, in gray at 48 px.",
        "Disgust and fear are rare in the training set and often missed or taken for anger and "
        "surprise.",
        "Under a mask it goes by eyes and brows alone: see the figures on masked faces.",
    ),
)
