"""Accuracy of the classifiers by data set, class and group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from realtime.results.stored import Environment, Interval, StoredResults


@dataclass(frozen=True, slots=True)
class ClassMetrics:
    """Metrics of one class on a data set."""

    name: str
    faces: int
    recall: float
    precision: float
    f1: float


@dataclass(frozen=True, slots=True)
class GroupMetrics:
    """Accuracy on one group of people in a data set."""

    name: str
    faces: int
    accuracy: Interval


@dataclass(frozen=True, slots=True)
class ConfidenceBin:
    """Predictions with a confidence from `low` to `high`: mean confidence and accuracy."""

    low: float
    high: float
    faces: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMetrics:
    """Metrics of a classifier on one labelled data set that it was not trained on.

    Attributes:
        name: The data set.
        truth: Where the true labels come from.
        faces: Number of faces.
        accuracy: Fraction of correct predictions.
        macro_f1: Mean F1 over the classes.
        calibration_error: Mean gap between confidence and accuracy.
        coverage: Fraction of faces that are not labelled unsure; None if the model is never unsure.
        covered_accuracy: Accuracy on these faces; None if the model is never unsure.
        classes: Metrics of the classes that occur.
        groups: Accuracy by group of people; empty for most sets.
        labels: The labels of `confusion`.
        confusion: Counts with true labels as rows and predictions as columns; empty if not stored.
        reliability: Non-empty confidence bins; empty if not stored.
    """

    name: str
    truth: str
    faces: int
    accuracy: Interval
    macro_f1: Interval
    calibration_error: Interval
    coverage: float | None
    covered_accuracy: float | None
    classes: tuple[ClassMetrics, ...]
    groups: tuple[GroupMetrics, ...] = ()
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    reliability: tuple[ConfidenceBin, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class BareFaceMetrics:
    """False positives of the mask classifier on a data set of faces without masks.

    Attributes:
        name: The data set.
        truth: How its faces were chosen.
        faces: Number of faces.
        masked: Fraction classified as wearing a mask.
        incorrect: Fraction classified as wearing a mask incorrectly.
        confident_masked: Like `masked`, unsure results excluded.
        confident_incorrect: Like `incorrect`, unsure results excluded.
    """

    name: str
    truth: str
    faces: int
    masked: float
    incorrect: float
    confident_masked: float
    confident_incorrect: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Metrics of one model on all of its data sets."""

    labelled: tuple[SetMetrics, ...]
    bare: tuple[BareFaceMetrics, ...]


@dataclass(frozen=True, slots=True)
class AccuracyRun:
    """One run of the accuracy benchmark: metrics by model name."""

    environment: Environment
    models: Mapping[str, Accuracy]


def parse_accuracy(metrics: Mapping[str, Any], curves: Mapping[str, Any] | None = None) -> Accuracy:
    """Parse metrics by data set, as model cards and the accuracy benchmark store them.

    Sets with neither class metrics nor faces without masks are left out.

    Args:
        metrics: Metrics by data set.
        curves: Confusion matrix and reliability diagram by data set, if stored.
    """
    labelled = [
        _set_metrics(name, data, (curves or {}).get(name))
        for name, data in metrics.items()
        if "per_class" in data
    ]
    bare = [
        _bare_face_metrics(name, data)
        for name, data in metrics.items()
        if "called_with_mask" in data
    ]
    return Accuracy(tuple(labelled), tuple(bare))


def _set_metrics(
    name: str, data: Mapping[str, Any], curves: Mapping[str, Any] | None
) -> SetMetrics:
    curves = curves or {"labels": (), "confusion": (), "reliability": ()}
    return SetMetrics(
        name=name,
        truth=str(data["truth"]),
        faces=int(data["n"]),
        accuracy=Interval.from_json(data["accuracy"]),
        macro_f1=Interval.from_json(data["macro_f1"]),
        calibration_error=Interval.from_json(data["calibration_error"]),
        coverage=data.get("share_sure"),
        covered_accuracy=data.get("accuracy_when_sure"),
        classes=tuple(
            ClassMetrics(label, int(c["n"]), c["recall"], c["precision"], c["f1"])
            for label, c in data["per_class"].items()
            if c["n"]
        ),
        groups=tuple(
            GroupMetrics(group, int(g["n"]), Interval.from_json(g["accuracy"]))
            for group, g in data.get("groups", {}).items()
        ),
        labels=tuple(curves["labels"]),
        confusion=tuple(tuple(map(int, row)) for row in curves["confusion"]),
        reliability=tuple(
            ConfidenceBin(b["from"], b["to"], int(b["n"]), b["confidence"], b["accuracy"])
            for b in curves["reliability"]
        ),
    )


def _bare_face_metrics(name: str, data: Mapping[str, Any]) -> BareFaceMetrics:
    return BareFaceMetrics(
        name=name,
        truth=str(data["truth"]),
        faces=int(data["n"]),
        masked=data["called_with_mask"],
        incorrect=data["called_incorrect"],
        confident_masked=data["surely_called_with_mask"],
        confident_incorrect=data["surely_called_incorrect"],
    )


def _accuracy_run(data: Mapping[str, Any]) -> AccuracyRun:
    models = {
        name: parse_accuracy(task["metrics"], task.get("answers"))
        for name, task in data["tasks"].items()
    }
    return AccuracyRun(Environment.from_json(data["header"]), models)


ACCURACY = StoredResults(
    "accuracy.json",
    "python -m benchmarks accuracy --task emotion mask gender "
    "--json benchmarks/results/accuracy.json",
    _accuracy_run,
)
