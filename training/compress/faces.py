"""What compressed networks are tuned on, chosen by and measured on."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from realtime.core.faces import F32
from training.batches import Batches
from training.certainty import ValidationFaces
from training.emotion.evaluate import read_labelled, truth_of
from training.evaluate import Labels
from training.mask.evaluate import MIN_FACE_PX
from training.mask.sets import scenes
from training.task import Task


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """Faces to measure on: crops (n, side, side, c) uint8 and the right classes (n,)."""

    name: str
    crops: NDArray[np.uint8]
    truth: Labels


class Faces:
    """A run's faces.

    Args:
        held: the validation faces, by which a point is chosen.
        test: the faces that the chosen point's figures are reported on.
        batches: gives the training batches; called once, and only when something is tuned.
    """

    def __init__(self, held: ValidationFaces, test: Shown, batches: Callable[[], Batches]) -> None:
        self.held, self.test = held, test
        self.validation = Shown("validation", held.crops, held.truth)
        self._read = batches
        self._batches: Batches | None = None

    def batches(self, *, first_epoch: int = 0) -> Batches:
        """The training batches from an epoch on, without reading the faces again."""
        if self._batches is None:
            self._batches = self._read()
        fresh = copy.copy(self._batches)
        for _ in range(first_epoch):
            fresh.on_epoch_end()
        return fresh

    def examples(self, count: int = 384) -> F32:
        """About so many training crops, changed as in training, float32."""
        batches, found = self.batches(), []
        for i in range(len(batches)):
            found.append(batches[i][0])
            if sum(map(len, found)) >= count:
                break
        crops: F32 = np.concatenate(found)[:count]
        return crops


def read_faces(task: Task, data: Path, config: Any, limit: int | None) -> Faces:
    """The faces of a task."""
    return Faces(
        task.validation(data, config, limit=limit),
        tested(task, data, config, limit),
        lambda: task.batches(data, config, limit=limit),
    )


def tested(task: Task, data: Path, config: Any, limit: int | None) -> Shown:
    """The faces that the task's `evaluate` reports first and that chose nothing."""
    spec = task.crops(config)
    if task.name == "emotion":
        faces = read_labelled(data, "private_test", spec, config.labels, limit)
        return Shown("fer2013_private_test", faces.crops, truth_of(faces, config.labels))
    found = scenes(data, "val", spec, detected=True, limit=limit)
    found = found[found.side_px >= MIN_FACE_PX]
    return Shown("mask_scenes_val_found", found.crops, found.label)
