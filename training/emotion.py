"""Emotion: FER-2013 pictures, FER+ votes as soft labels, seven classes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from realtime.faces import EMOTION_LABELS, F32
from realtime.litert import LiteRTModel
from training.augment import Augment, augment
from training.batches import Batches, class_repeats
from training.crops import CropSpec
from training.evaluate import (
    accuracy,
    bootstrap,
    calibration_error,
    confusion,
    macro_f1,
    per_class,
    predict,
)
from training.fer import FerSet, read_fer, trainable
from training.fit import FitConfig, Resume, fit
from training.networks import NetworkSpec, build
from training.oval import read_oval
from training.task import Task, Verdict

CROPS = CropSpec(side_px=48, zoom=1.0, gray=True)
MARGIN = 1.25


@dataclass(frozen=True, slots=True)
class EmotionConfig:
    """Settings of an emotion run.

    Attributes:
        fit: how it is fitted.
        augment: how crops are changed.
        network: the network's shape.
        rare_power: how far rare classes are evened out, see `class_repeats`.
        rare_most: how often a face is shown in an epoch at the most.
        oval: how often a face of expressions_oval is shown; 0 leaves that set out.
    """

    fit: FitConfig = field(default_factory=lambda: FitConfig(epochs=32))
    augment: Augment = field(default_factory=Augment)
    network: NetworkSpec = field(
        default_factory=lambda: NetworkSpec(CROPS.side_px, 1, len(EMOTION_LABELS))
    )
    rare_power: float = 0.35
    rare_most: float = 3.0
    oval: float = 0.0


def configure(epochs: int | None, seed: int) -> EmotionConfig:
    """The settings for a number of epochs, by default the usual, and a seed."""
    usual = EmotionConfig()
    return replace(usual, fit=replace(usual.fit, epochs=epochs or usual.fit.epochs, seed=seed))


def train(
    data: Path, folder: Path, config: EmotionConfig, *, resume: bool, limit: int | None
) -> tuple[keras.Model, list[dict[str, float]]]:
    """Fit the emotion network; the best weights are in the model returned and in `folder`."""
    keras.utils.set_random_seed(config.fit.seed)
    faces = read_fer(data, "train", CROPS.widened(MARGIN), limit=limit)
    faces = faces[trainable(faces)]
    crops, labels = faces.crops, faces.soft
    repeats = class_repeats(labels, power=config.rare_power, most=config.rare_most)
    if config.oval:
        more, more_labels = read_oval(data, CROPS.widened(MARGIN), limit=limit)
        crops, labels = np.concatenate([crops, more]), np.concatenate([labels, more_labels])
        repeats = np.concatenate([repeats, np.full(len(more), config.oval, np.float32)])
    validation = named(read_fer(data, "public_test", CROPS, limit=limit))
    state = Resume.read(folder) if resume else None

    def change(
        crops: NDArray[np.uint8], labels: F32, rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], F32]:
        return augment(crops, CROPS.side_px, config.augment, rng), labels

    batches = Batches(
        crops,
        labels,
        repeats,
        change,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=0 if state is None else len(state.history),
    )
    keras.config.set_dtype_policy(config.fit.precision)
    model = build(config.network)
    keras.config.set_dtype_policy("float32")
    truth = np.eye(len(EMOTION_LABELS), dtype=np.float32)[validation.majority]
    shown = validation.crops.astype(np.float32)
    history = fit(model, batches, (shown, truth), config.fit, folder, state=state)
    return model, history


def named(faces: FerSet) -> FerSet:
    """Only the pictures whose FER+ majority is one of the seven."""
    return faces[faces.majority >= 0]


def judge(network: LiteRTModel, data: Path, limit: int | None) -> Verdict:
    """Accuracy on FER-2013's test splits against the FER+ majority, seven classes."""
    metrics: dict[str, Any] = {}
    confusions, lines = {}, []
    k = len(EMOTION_LABELS)
    for split in ("public_test", "private_test"):
        faces = named(read_fer(data, split, CROPS, limit=limit))
        prob = predict(network, faces.crops)
        guess = prob.argmax(axis=1)
        matrix = confusion(faces.majority, guess, k)
        right = bootstrap(accuracy, faces.majority, guess, k)
        f1 = bootstrap(macro_f1, faces.majority, guess, k)
        metrics[f"fer2013_{split}"] = {
            "truth": "FER+ majority, seven classes",
            "n": len(guess),
            "accuracy": right.rounded(),
            "macro_f1": f1.rounded(),
            "calibration_error": round(calibration_error(prob, faces.majority), 4),
            "per_class": per_class(matrix, EMOTION_LABELS),
        }
        confusions[f"fer2013_{split}"] = matrix
        lines.append(f"{split}: {len(guess)} faces, accuracy {right}, macro-F1 {f1}")
    return Verdict(metrics, confusions, lines)


def sets(config: EmotionConfig) -> list[dict[str, str]]:
    """The training sets of a run with these settings, and their terms."""
    fer = {
        "name": "FER-2013 train with FER+ votes as soft labels",
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
    crops=CROPS,
    configure=configure,
    train=train,
    judge=judge,
    sets=sets,
    limits=(
        "The label is a guess from one picture; what a face shows is not what a person feels.",
        "Learned from posed and staged web pictures, framed frontally, in gray at 48 px.",
        "Disgust and fear are rare in the training set and often missed or taken for anger and "
        "surprise.",
        "Nothing is known of a face whose mouth or eyes are covered.",
    ),
)
