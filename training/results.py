"""Test results of a network: metrics as the model card and metrics.json store them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from models import Unsure
from realtime.core.faces import F32
from training.evaluate import (
    Bin,
    Labels,
    accuracy,
    balanced_accuracy,
    bootstrap,
    bootstrap_calibration,
    confusion,
    macro_f1,
    per_class,
)
from training.report import Evaluation, ranged
from training.risk_coverage import coverage_and_risk


@dataclass(frozen=True, slots=True)
class Results:
    """Test results of an exported network; filled with `add`.

    Attributes:
        evaluations: answers by test set, for the report.
        metrics: metrics by test set, for the model card and metrics.json.
        lines: summary sentences to print.
    """

    evaluations: list[Evaluation] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def add(self, evaluation: Evaluation, **more: Any) -> None:
        """Add the answers on one set; `more` are additional metrics."""
        metrics = {**figures(evaluation), **more}
        self.evaluations.append(evaluation)
        self.metrics[evaluation.name] = metrics
        self.lines.append(summary(evaluation.name, metrics))


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """Thresholds for unsure answers, and the validation results they were chosen from.

    Attributes:
        unsure: the thresholds.
        prob: (n, k) probabilities on the validation faces.
        truth: (n,) true classes.
        evidence: accuracy by size, sharpness and yaw.
    """

    unsure: Unsure
    prob: F32
    truth: Labels
    evidence: Mapping[str, Sequence[Bin]]

    def thresholds(self) -> dict[str, float]:
        """The model card's `[unsure]` table."""
        return {k: round(v, 4) for k, v in asdict(self.unsure).items() if v is not None}

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The evidence as tables for the report, one row per bin."""
        return {
            f"Accuracy by {name}": [
                {"from": round(b.low, 3), "faces": b.n, "accuracy": b.accuracy} for b in bins
            ]
            for name, bins in self.evidence.items()
        }


def figures(evaluation: Evaluation) -> dict[str, Any]:
    """Accuracy, macro-F1, calibration error, selective accuracy, and metrics by class."""
    k = len(evaluation.labels)
    truth, prob = evaluation.truth, evaluation.prob
    predicted = prob.argmax(axis=1)
    metrics: dict[str, Any] = {
        "truth": evaluation.truth_name,
        "n": len(predicted),
        "accuracy": bootstrap(accuracy, truth, predicted, k).rounded(),
        "macro_f1": bootstrap(macro_f1, truth, predicted, k).rounded(),
        "balanced_accuracy": bootstrap(balanced_accuracy, truth, predicted, k).rounded(),
        "calibration_error": bootstrap_calibration(prob, truth).rounded(),
    }
    if evaluation.threshold is not None:
        coverage, risk = coverage_and_risk(prob, truth, evaluation.threshold)
        metrics |= {"share_sure": round(coverage, 4), "accuracy_when_sure": round(1 - risk, 4)}
    metrics["per_class"] = per_class(confusion(truth, predicted, k), evaluation.labels)
    return metrics


def summary(name: str, metrics: Mapping[str, Any]) -> str:
    """The main metrics of one set in a line."""
    line = (
        f"{name}: {metrics['n']} faces, accuracy {ranged(metrics['accuracy'], digits=4)}, "
        f"macro-F1 {ranged(metrics['macro_f1'], digits=4)}, "
        f"calibration error {metrics['calibration_error']['value']:.4f}"
    )
    if "share_sure" not in metrics:
        return line
    if metrics["share_sure"] == 0:
        return f"{line}; no confident answers"
    return (
        f"{line}; confident on {metrics['share_sure']:.1%}, "
        f"{metrics['accuracy_when_sure']:.1%} of these correct"
    )
