"""The gender task: a small network on colour crops aligned as in the live pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.augment import Augment, augment
from training.batches import Batches
from training.card import TrainingSet
from training.certainty import ValidationFaces
from training.crops import CropSpec, centre
from training.fit import FitConfig
from training.gender.evaluate import evaluate
from training.gender.faces import read_faces
from training.gender.sources import LABELS, training_set
from training.networks import NetworkSpec
from training.task import Task

ZOOM = 0.92  # includes hair at the sides, as in UTKFace, but little of the cut-off brow
MARGIN = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class GenderConfig:
    """Settings of a gender run.

    Attributes:
        fit: optimizer and schedule.
        augment: augmentation.
        network: the network's shape.
        start: run folder to take the initial weights from; None for random weights.
        own: whether the data is a folder of the user's own pictures instead of UTKFace.
    """

    fit: FitConfig = field(
        default_factory=lambda: FitConfig(epochs=36, batch=64, smoothing=0.05, patience=36)
    )
    augment: Augment = field(
        default_factory=lambda: Augment(turn_deg=6, scale=0.06, tint=0.1, p_coarse=0.3)
    )
    network: NetworkSpec = field(
        default_factory=lambda: NetworkSpec(
            48, 3, len(LABELS), widths=(16, 32, 64, 128), blocks=(1, 2, 2)
        )
    )
    start: str | None = None
    own: bool = False


def crops_of(config: GenderConfig) -> CropSpec:
    """How crops are cut with these settings."""
    return CropSpec(config.network.side_px, ZOOM, gray=False)


def configure(epochs: int | None, seed: int) -> GenderConfig:
    """Default settings with a seed and, if given, a number of epochs."""
    default = GenderConfig()
    fit = replace(default.fit, epochs=epochs or default.fit.epochs, seed=seed)
    return replace(default, fit=fit)


def batches(
    data: Path, config: GenderConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """Augmented batches of the training faces; see `training.task.ReadBatches`."""
    spec = crops_of(config)
    faces = read_faces(data, "train", spec.widened(MARGIN), limit=limit)
    eye = np.eye(len(LABELS), dtype=np.float32)

    def make_batch(
        rows: NDArray[np.int64], rng: np.random.Generator
    ) -> tuple[NDArray[np.uint8], F32]:
        crops = augment(faces.crops[rows], spec.side_px, config.augment, rng)
        return crops, eye[faces.label[rows]]

    return Batches(
        np.ones(len(faces), np.float32),
        make_batch,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=first_epoch,
    )


def validation(data: Path, config: GenderConfig, *, limit: int | None = None) -> ValidationFaces:
    """The validation faces of the same source."""
    spec = crops_of(config)
    faces = read_faces(data, "val", spec.widened(MARGIN), limit=limit)
    edge = (spec.widened(MARGIN).side_px - spec.side_px) / 2
    return ValidationFaces(
        centre(faces.crops, spec.side_px),
        faces.label,
        faces.outline - np.float32(edge),
        faces.yaw_deg,
    )


def sets(data: Path, config: GenderConfig, *, limit: int | None = None) -> list[TrainingSet]:
    """The training set of a run."""
    return [training_set(data)]


LIMITS = (
    "The label is the data set's binary one, guessed from looks: it is not a person's identity.",
    "Accuracy differs between groups: see the metrics by age band and UTKFace's race code.",
    "Nobody under 16 was in the training or test pictures: do not use it for children.",
    "Results are less reliable for small, dark, blurred, masked or turned faces.",
)
TASK = Task(
    name="gender",
    title="gender: the data set's binary label, male or female",
    labels=LABELS,
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    evaluate=evaluate,
    sets=sets,
    risk=0.02,
    limits=LIMITS,
)
