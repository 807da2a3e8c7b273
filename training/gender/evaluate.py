"""Evaluation of a gender model on test sets, overall and by age and race group."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.evaluate import accuracy, bootstrap, predict
from training.gender.faces import GenderSet, read_faces
from training.gender.sources import LABELS, RACES, Part, is_own
from training.report import Evaluation, ranged
from training.results import Results
from training.task import TaskConfig

AGE_BANDS = ((16, 29), (30, 44), (45, 59), (60, 120))
Test = tuple[Part, str, str]
TESTS: tuple[Test, ...] = (
    ("test", "utkface_test", "UTKFace test: same source as the training set"),
    ("other", "lfw_gender", "LFW: a source not used for training"),
)
OWN_TESTS: tuple[Test, ...] = (("test", "own_test", "held-out pictures of the same folder"),)


def tests_of(data: Path) -> tuple[Test, ...]:
    """Part, name and description of each test set."""
    return OWN_TESTS if is_own(data) else TESTS


def evaluate(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: TaskConfig | None = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Results:
    """Evaluate a network on the test sets, with faces detected and aligned by the pipeline.

    Args:
        network: the exported network.
        spec: how its crops are cut.
        data: see `training.gender.sources.source`.
        config: not used.
        unsure: thresholds of the network.
        limit: maximum number of pictures per set.

    Raises:
        DataError: the data is missing.
    """
    threshold = None if unsure is None else unsure.confidence
    answers = []
    for part, name, truth_name in tests_of(data):
        faces = read_faces(data, part, spec, limit=limit)
        answers.append((faces, predict(network, faces.crops), name, truth_name))
    return results_of(answers, threshold=threshold)


def results_of(
    answers: Sequence[tuple[GenderSet, F32, str, str]], *, threshold: float | None = None
) -> Results:
    """Metrics overall and by group.

    Args:
        answers: (faces, probabilities (n, 2), name of the set, its description).
        threshold: confidence threshold of the model, if it has one.
    """
    results = Results()
    for faces, prob, name, truth_name in answers:
        if len(faces) == 0:
            continue
        evaluation = Evaluation(name, truth_name, LABELS, faces.label, prob, threshold=threshold)
        groups = accuracy_by_group(faces, prob)
        more = {"groups": {k: {"n": n, "accuracy": a} for k, n, a in groups}} if groups else {}
        results.add(evaluation, **more)
        results.lines.extend(f"  {k}: {n} faces, accuracy {ranged(a)}" for k, n, a in groups)
    return results


def accuracy_by_group(faces: GenderSet, prob: F32) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, number of faces and accuracy of each age band and race, for both labels and each."""
    predicted = prob.argmax(axis=1)
    rows = []
    for name, inside in groups_of(faces).items():
        for label, suffix in ((None, ""), (0, ", male"), (1, ", female")):
            members = inside if label is None else inside & (faces.label == label)
            if not members.any():
                continue
            figure = bootstrap(accuracy, faces.label[members], predicted[members], len(LABELS))
            rows.append((name + suffix, int(members.sum()), figure.rounded()))
    return rows


def groups_of(faces: GenderSet) -> dict[str, NDArray[np.bool_]]:
    """The members (n,) of each age band and race group that occurs; empty without such labels."""
    groups = {
        f"age {low} to {high}" if high < 100 else f"age {low} and over": (faces.age >= low)
        & (faces.age <= high)
        for low, high in AGE_BANDS
    }
    groups |= {f"race {name}": faces.race == code for code, name in enumerate(RACES)}
    return {name: inside for name, inside in groups.items() if inside.any()}
