"""What a gender model is worth: on both sources, and for whom it errs more."""

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
from training.verdict import Verdict

AGE_BANDS = ((16, 29), (30, 44), (45, 59), (60, 120))
Test = tuple[Part, str, str]
TESTS: tuple[Test, ...] = (
    ("test", "utkface_test", "UTKFace test: the source that was learned from"),
    ("other", "lfw_gender", "LFW: another source, never learned from"),
)
OWN_TESTS: tuple[Test, ...] = (
    ("test", "own_test", "pictures of the same folder that were not learned from"),
)


def tests_of(data: Path) -> tuple[Test, ...]:
    """Part, name and what is told of each set to test with."""
    return OWN_TESTS if is_own(data) else TESTS


def judge(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: Any = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Verdict:
    """Figures of a network on both test sets, all faces found and aligned by the live code."""
    threshold = None if unsure is None else unsure.confidence
    answers = []
    for part, name, told in tests_of(data):
        shown = read_faces(data, part, spec, limit=limit)
        answers.append((shown, predict(network, shown.crops), name, told))
    return verdict_of(answers, threshold=threshold)


def verdict_of(
    answers: Sequence[tuple[GenderSet, F32, str, str]], *, threshold: float | None = None
) -> Verdict:
    """The figures of (faces, probabilities, name, what is told of the set), by group too."""
    verdict = Verdict()
    for shown, prob, name, told in answers:
        if len(shown) == 0:
            continue
        given = Evaluation(name, told, LABELS, shown.label, prob, threshold=threshold)
        groups = by_group(shown, prob)
        more = {"groups": {k: {"n": n, "accuracy": a} for k, n, a in groups}} if groups else {}
        verdict.add(given, **more)
        verdict.lines.extend(f"  {k}: {n} faces, accuracy {ranged(a)}" for k, n, a in groups)
    return verdict


def by_group(shown: GenderSet, prob: F32) -> list[tuple[str, int, dict[str, Any]]]:
    """Name, count and accuracy with its interval of each age band and race, for each label."""
    guess = prob.argmax(axis=1)
    rows = []
    for name, inside in groups_of(shown).items():
        for label, word in ((None, ""), (0, ", male"), (1, ", female")):
            rows_in = inside if label is None else inside & (shown.label == label)
            if not rows_in.any():
                continue
            figure = bootstrap(accuracy, shown.label[rows_in], guess[rows_in], len(LABELS))
            rows.append((name + word, int(rows_in.sum()), figure.rounded()))
    return rows


def groups_of(shown: GenderSet) -> dict[str, NDArray[np.bool_]]:
    """Which faces belong to which age band and race; nothing where the source tells neither."""
    found = {
        f"age {low} to {high}" if high < 100 else f"age {low} and over": (shown.age >= low)
        & (shown.age <= high)
        for low, high in AGE_BANDS
    }
    found |= {f"race {name}": shown.race == code for code, name in enumerate(RACES)}
    return {name: inside for name, inside in found.items() if inside.any()}
