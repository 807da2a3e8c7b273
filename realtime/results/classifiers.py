"""How often the classifiers are right: figures by set, class and group, and their answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from realtime.results.stored import Header, Interval, Stored, Told


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """One class of a set."""

    name: str
    faces: int
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies from `low` to `high`."""

    low: float
    high: float
    faces: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class SetFigures:
    """Labelled faces that a model never saw.

    Attributes:
        name: the set's.
        truth: what counts as right.
        faces: how many there are.
        accuracy: share of right answers.
        macro_f1: mean F1 of the classes.
        calibration_error: mean gap between confidence and accuracy.
        share_sure: of the faces; None where the model's answers are never unsure.
        accuracy_when_sure: of those.
        classes: those that occur.
        groups: of people, with the number of faces and the accuracy of each; mostly empty.
        labels: of `confusion`.
        confusion: counts, rows the truth, columns the answers; empty where none is stored.
        reliability: by confidence; empty where none is stored.
    """

    name: str
    truth: str
    faces: int
    accuracy: Interval
    macro_f1: Interval
    calibration_error: Interval
    share_sure: float | None
    accuracy_when_sure: float | None
    classes: tuple[ClassFigures, ...]
    groups: tuple[tuple[str, int, Interval], ...] = ()
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[Bin, ...] = ()


@dataclass(frozen=True, slots=True)
class BareFigures:
    """Bare faces, and the shares of them that are called masked, or surely so."""

    name: str
    truth: str
    faces: int
    called_masked: float
    called_incorrect: float
    surely_masked: float
    surely_incorrect: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """A model's figures on all of its sets."""

    labelled: tuple[SetFigures, ...]
    bare: tuple[BareFigures, ...]


@dataclass(frozen=True, slots=True)
class AccuracyRun:
    """One run of the accuracy benchmark: figures by the model's name."""

    header: Header
    models: Mapping[str, Accuracy]


def accuracy_of(metrics: Told, answers: Told | None = None) -> Accuracy:
    """The figures of `metrics`, a table by set as cards and benchmarks write it.

    What has neither labels nor bare faces is left out.

    Args:
        metrics: figures by set.
        answers: confusion matrix and reliability by set, where they are stored.
    """
    labelled = [_labelled(n, t, (answers or {}).get(n)) for n, t in metrics.items() if _is_set(t)]
    bare = [_bare(name, told) for name, told in metrics.items() if "called_with_mask" in told]
    return Accuracy(tuple(labelled), tuple(bare))


def _is_set(told: Told) -> bool:
    return "per_class" in told


def _labelled(name: str, told: Told, answers: Told | None) -> SetFigures:
    classes = [
        ClassFigures(label, int(c["n"]), c["recall"], c["precision"], c["f1"])
        for label, c in told["per_class"].items()
        if c["n"]
    ]
    groups = [
        (group, int(g["n"]), Interval.of(g["accuracy"]))
        for group, g in told.get("groups", {}).items()
    ]
    given = answers or {"labels": (), "confusion": (), "reliability": ()}
    bins = (
        Bin(b["from"], b["to"], int(b["n"]), b["confidence"], b["accuracy"])
        for b in given["reliability"]
    )
    return SetFigures(
        name,
        str(told["truth"]),
        int(told["n"]),
        Interval.of(told["accuracy"]),
        Interval.of(told["macro_f1"]),
        Interval.of(told["calibration_error"]),
        told.get("share_sure"),
        told.get("accuracy_when_sure"),
        tuple(classes),
        tuple(groups),
        tuple(given["labels"]),
        tuple(tuple(map(int, row)) for row in given["confusion"]),
        tuple(bins),
    )


def _bare(name: str, told: Told) -> BareFigures:
    return BareFigures(
        name,
        str(told["truth"]),
        int(told["n"]),
        told["called_with_mask"],
        told["called_incorrect"],
        told["surely_called_with_mask"],
        told["surely_called_incorrect"],
    )


def _run(told: Told) -> AccuracyRun:
    tasks = told["tasks"].items()
    models = {name: accuracy_of(task["metrics"], task.get("answers")) for name, task in tasks}
    return AccuracyRun(Header.of(told["header"]), models)


ACCURACY = Stored(
    "accuracy.json",
    "python -m benchmarks accuracy --task emotion mask gender "
    "--json benchmarks/results/accuracy.json",
    _run,
)
