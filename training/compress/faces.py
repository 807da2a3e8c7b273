"""Faces for fine-tuning, selecting and testing compressed networks."""

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
class EvaluationFaces:
    """Labelled faces to evaluate on.

    Attributes:
        name: name of the set.
        crops: (n, side, side, c) uint8.
        truth: (n,) class indices.
    """

    name: str
    crops: NDArray[np.uint8]
    truth: Labels


class RunFaces:
    """Training, validation and test faces of a run.

    Args:
        held: the validation faces, on which the network is chosen.
        test: the faces on which the chosen network is reported.
        batches: reads the training batches; called once, and only when a variant is fine-tuned.
    """

    def __init__(
        self, held: ValidationFaces, test: EvaluationFaces, batches: Callable[[], Batches]
    ) -> None:
        self.held, self.test = held, test
        self.validation = EvaluationFaces("validation", held.crops, held.truth)
        self._read = batches
        self._batches: Batches | None = None

    def batches(self, *, first_epoch: int = 0) -> Batches:
        """The training batches from `first_epoch` on; the faces are read only once."""
        if self._batches is None:
            self._batches = self._read()
        fresh = copy.copy(self._batches)
        for _ in range(first_epoch):
            fresh.on_epoch_end()
        return fresh

    def examples(self, count: int = 384) -> F32:
        """Up to `count` augmented training crops, float32, to calibrate activation ranges."""
        batches, parts = self.batches(), []
        for i in range(len(batches)):
            parts.append(batches[i][0])
            if sum(map(len, parts)) >= count:
                break
        crops: F32 = np.concatenate(parts)[:count]
        return crops


def read_faces(task: Task, data: Path, config: Any, limit: int | None) -> RunFaces:
    """Read the faces of a task.

    Args:
        task: the task.
        data: the folder of zipped sets.
        config: the run's settings.
        limit: maximum number of pictures per set.
    """
    return RunFaces(
        task.validation(data, config, limit=limit),
        _test_faces(task, data, config, limit),
        lambda: task.batches(data, config, limit=limit),
    )


def _test_faces(task: Task, data: Path, config: Any, limit: int | None) -> EvaluationFaces:
    """The first test set of the task, which had no part in training or selection."""
    spec = task.crops(config)
    if task.name == "emotion":
        faces = read_labelled(data, "private_test", spec, config.labels, limit)
        return EvaluationFaces("fer2013_private_test", faces.crops, truth_of(faces, config.labels))
    found = scenes(data, "val", spec, detected=True, limit=limit)
    found = found[found.side_px >= MIN_FACE_PX]
    return EvaluationFaces("mask_scenes_val_found", found.crops, found.label)
