"""The small network: colour crops, aligned as the live path aligns them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.augment import Augment, augment
from training.batches import Batches
from training.certainty import Held
from training.crops import CropSpec, centre
from training.fit import FitConfig
from training.gender.evaluate import judge
from training.gender.faces import read_faces
from training.gender.sources import LABELS, training_set
from training.networks import NetworkSpec
from training.task import Task

ZOOM = 0.92  # as much hair as UTKFace shows at the sides, and little of its missing brow
MARGIN = 1.2


@dataclass(frozen=True, slots=True)
class GenderConfig:
    """Settings of a run.

    Attributes:
        fit: how it is fitted.
        augment: how crops are changed.
        network: the network's shape.
        offset: added to the last layer's bias once it is fitted.
        start: a run folder whose weights are the first; None begins at random.
        own: whether it learns from a folder of one's own pictures instead of UTKFace.
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
    offset: tuple[float, float] = (0.0, 0.0)
    start: str | None = None
    own: bool = False


def crops_of(config: GenderConfig) -> CropSpec:
    """How the crops of such a run are cut."""
    return CropSpec(config.network.side_px, ZOOM, gray=False)


def configure(epochs: int | None, seed: int) -> GenderConfig:
    """The settings for a number of epochs, by default the usual, and a seed."""
    usual = GenderConfig()
    return replace(usual, fit=replace(usual.fit, epochs=epochs or usual.fit.epochs, seed=seed))


def batches(
    data: Path, config: GenderConfig, *, limit: int | None = None, first_epoch: int = 0
) -> Batches:
    """The training faces, changed anew every epoch."""
    spec = crops_of(config)
    faces = read_faces(data, "train", spec.widened(MARGIN), limit=limit)
    eye = np.eye(len(LABELS), dtype=np.float32)

    def change(rows: NDArray[np.int64], rng: np.random.Generator) -> tuple[NDArray[np.uint8], F32]:
        crops = augment(faces.crops[rows], spec.side_px, config.augment, rng)
        return crops, eye[faces.label[rows]]

    return Batches(
        np.ones(len(faces), np.float32),
        change,
        batch=config.fit.batch,
        seed=config.fit.seed,
        first_epoch=first_epoch,
    )


def validation(data: Path, config: GenderConfig, *, limit: int | None = None) -> Held:
    """The validation faces of the same source."""
    spec = crops_of(config)
    faces = read_faces(data, "val", spec.widened(MARGIN), limit=limit)
    edge = (spec.widened(MARGIN).side_px - spec.side_px) / 2
    return Held(
        centre(faces.crops, spec.side_px),
        faces.label,
        faces.outline - np.float32(edge),
        faces.yaw_deg,
    )


def sets(config: GenderConfig) -> list[dict[str, str]]:
    """The training set and its terms."""
    return [training_set(own=config.own)]


LIMITS = (
    "The label is the data set's binary one, guessed from looks: it is not a person's identity.",
    "It errs more for some: see the figures by age band and by the race code of UTKFace.",
    "Nobody under 16 was in the training or test pictures: of children it knows nothing.",
    "Small, dark, blurred, masked or turned faces are less certain.",
)
TASK = Task(
    name="gender",
    title="gender: the data's binary label, male or female",
    labels=LABELS,
    crops=crops_of,
    configure=configure,
    batches=batches,
    validation=validation,
    judge=judge,
    sets=sets,
    risk=0.02,
    limits=LIMITS,
)
