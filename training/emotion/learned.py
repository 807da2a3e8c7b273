"""The faces that an emotion network learns from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32
from training.batches import class_repeats
from training.crops import CropSpec, centre
from training.emotion.fer import MARGIN, read_fer, trainable
from training.emotion.oval import read_oval
from training.teachers import soft_targets

if TYPE_CHECKING:
    from training.emotion.task import EmotionConfig


@dataclass(frozen=True, slots=True, eq=False)
class LearnedFaces:
    """Crops with a margin, and what to learn from them.

    Attributes:
        crops: (m, side, side, 1) uint8.
        labels: (m, 7) float32, soft labels, rows sum to one.
        outline: (m, 30, 2) float32, mesh points `training.crops.OUTLINE` in crop pixels.
        repeats: (m,) float32, how often each face is shown per epoch.
    """

    crops: NDArray[np.uint8]
    labels: F32
    outline: F32
    repeats: F32

    def class_shares(self) -> F32:
        """The share of each class (7,) among the faces as often as they are shown."""
        shown: F32 = self.repeats @ self.labels
        shown /= shown.sum()
        return shown


def learned_faces(
    data: Path,
    spec: CropSpec,
    config: EmotionConfig,
    *,
    limit: int | None = None,
    taught: bool = True,
) -> LearnedFaces:
    """The training faces for these settings.

    Args:
        data: the data folder.
        spec: how the crops are cut, without their margin.
        config: the run's settings.
        limit: maximum number of pictures per set.
        taught: mix the teachers' answers into the labels.

    Raises:
        DataError: a data set is missing.
    """
    wide = spec.widened(MARGIN)
    faces = read_fer(data, "train", wide, limit=limit)
    if config.labels == "official":
        faces = faces[~faces.in_test & (faces.official >= 0)]
        labels = _one_hot(faces.official)
    else:
        faces = faces[trainable(faces)]
        labels = faces.soft
    if config.labels == "both":
        named = (faces.official >= 0)[:, None]
        labels = np.where(named, (labels + _one_hot(faces.official)) / 2, labels)
    if config.teachers and taught:
        # Only here: their opinion of the other source's faces is what that source should correct.
        folders = [Path(t) for t in config.teachers]
        targets = soft_targets(folders, centre(faces.crops, spec.side_px))
        labels = labels + (targets - labels) * np.float32(config.teacher_share)
    repeats = class_repeats(labels, power=config.rare_power, max_repeats=config.rare_most)
    if not config.oval:
        return LearnedFaces(faces.crops, labels, faces.outline, repeats)
    oval = read_oval(data, wide, limit=limit)
    rows = oval.learned
    return LearnedFaces(
        np.concatenate([faces.crops, oval.crops[rows]]),
        np.concatenate([labels, oval.soft[rows]]),
        np.concatenate([faces.outline, oval.outline[rows]]),
        np.concatenate([repeats, np.full(rows.sum(), config.oval, np.float32)]),
    )


def _one_hot(label: NDArray[np.int64]) -> F32:
    return np.eye(len(EMOTION.labels), dtype=np.float32)[label]
