"""What a network is worth: the figures of its answers, as cards and the JSON write them."""

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
    bootstrap,
    bootstrap_calibration,
    confusion,
    macro_f1,
    per_class,
)
from training.report import Evaluation, ranged
from training.risk_coverage import answered


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an exported network is worth.

    Attributes:
        evaluations: its answers by set, for the report.
        metrics: figures by set, as the card and the JSON write them.
        lines: the figures as sentences to print.
    """

    evaluations: list[Evaluation] = field(default_factory=list)
    metrics: dict[str, Any] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def add(self, evaluation: Evaluation, **more: Any) -> None:
        """Take in the answers on one set; `more` stands among its figures."""
        told = {**figures(evaluation), **more}
        self.evaluations.append(evaluation)
        self.metrics[evaluation.name] = told
        self.lines.append(sentence(evaluation.name, told))


@dataclass(frozen=True, slots=True, eq=False)
class Certainty:
    """When a network's answers are unsure, and the validation faces that say so.

    Attributes:
        unsure: the thresholds.
        prob: (n, k) answers on the validation faces.
        truth: (n,) their right classes.
        evidence: accuracy by size, sharpness and turn.
    """

    unsure: Unsure
    prob: F32
    truth: Labels
    evidence: Mapping[str, Sequence[Bin]]

    def thresholds(self) -> dict[str, float]:
        """The card's table `unsure`."""
        return {k: round(v, 4) for k, v in asdict(self.unsure).items() if v is not None}

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """The evidence by quality, a row a bin."""
        return {
            f"Accuracy by {name}": [
                {"from": round(b.low, 3), "faces": b.n, "accuracy": b.accuracy} for b in bins
            ]
            for name, bins in self.evidence.items()
        }


def figures(given: Evaluation) -> dict[str, Any]:
    """Accuracy, macro-F1, calibration error, what is answered surely, and figures by class."""
    k = len(given.labels)
    guess = given.prob.argmax(axis=1)
    told: dict[str, Any] = {
        "truth": given.truth_name,
        "n": len(guess),
        "accuracy": bootstrap(accuracy, given.truth, guess, k).rounded(),
        "macro_f1": bootstrap(macro_f1, given.truth, guess, k).rounded(),
        "calibration_error": bootstrap_calibration(given.prob, given.truth).rounded(),
    }
    if given.threshold is not None:
        coverage, risk = answered(given.prob, given.truth, given.threshold)
        told |= {"share_sure": round(coverage, 4), "accuracy_when_sure": round(1 - risk, 4)}
    told["per_class"] = per_class(confusion(given.truth, guess, k), given.labels)
    return told


def sentence(name: str, told: Mapping[str, Any]) -> str:
    """The main figures of one set."""
    line = (
        f"{name}: {told['n']} faces, accuracy {ranged(told['accuracy'], digits=4)}, "
        f"macro-F1 {ranged(told['macro_f1'], digits=4)}, "
        f"calibration error {told['calibration_error']['value']:.4f}"
    )
    if "share_sure" in told:
        line += f"; sure of {told['share_sure']:.1%}, {told['accuracy_when_sure']:.1%} right"
    return line
