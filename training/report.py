"""A run's report: `report.md` with settings, tables and plots, and every figure as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realtime.core.faces import F32
from training.evaluate import (
    Figure,
    Labels,
    accuracy,
    bootstrap,
    bootstrap_calibration,
    bootstrap_classes,
    confusion,
    macro_f1,
)
from training.plots import plot_calibration, plot_classes, plot_risk
from training.plots import plot_confusion as plot_confusion
from training.plots import plot_curves as plot_curves
from training.risk_coverage import answered, risk_coverage


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A network's answers on one evaluation set.

    Attributes:
        name: the set, as files are to be named: `fer2013_private_test`.
        truth_name: what counts as right, such as `FER+ majority`.
        labels: the classes in the order of the probabilities.
        truth: (n,) int64.
        prob: (n, k) float32, as the network is shipped.
        raw: (n, k) float32 before tempering, where there is any.
        threshold: the confidence, found on other faces, from which on the network answers.
    """

    name: str
    truth_name: str
    labels: Sequence[str]
    truth: Labels
    prob: F32
    raw: F32 | None = None
    threshold: float | None = None


def write_json(path: Path, value: Any) -> None:
    """Write figures as indented JSON."""
    path.write_text(json.dumps(value, indent=1, default=str) + "\n", encoding="utf-8")


def write_report(
    folder: Path,
    *,
    title: str,
    command: str,
    config: Mapping[str, Any],
    history: Sequence[Mapping[str, float]],
    evaluations: Sequence[Evaluation],
    facts: Mapping[str, Any] | None = None,
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> Path:
    """Draw all plots of a run and write its `report.md`, which shows them.

    Args:
        folder: the run folder.
        title: what the network answers.
        command: the command that makes this model.
        config: all settings, the seed among them; nested mappings are flattened.
        history: one row of figures an epoch; where empty, no curves are drawn.
        evaluations: the answers to report.
        facts: what else is to be said at the top: seed, size, speed, training sets.
        tables: further tables by title, each a list of rows with the same columns.

    Returns:
        The report's path; the plots lie beside it.
    """
    parts = [f"# {title}", f"```\n{command}\n```"]
    if facts:
        parts.append(table([{"": k, " ": v} for k, v in facts.items()]))
    if history:
        plot_curves(history, folder / "curves.png")
        parts += ["## Training", f"{len(history)} epochs.", _shown("curves.png")]
    for evaluation in evaluations:
        parts += _evaluation(folder, evaluation)
    for name, rows in (tables or {}).items():
        parts += [f"## {name}", table(rows)]
    settings = [{"setting": k, "value": v} for k, v in flat(config).items()]
    parts += ["## Settings", table(settings)]
    path = folder / "report.md"
    path.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return path


def _evaluation(folder: Path, given: Evaluation) -> list[str]:
    """The section of one evaluation set; its plots are drawn into `folder`."""
    k, guess = len(given.labels), given.prob.argmax(axis=1)
    matrix = confusion(given.truth, guess, k)
    rows: list[dict[str, Any]] = [
        {"figure": "accuracy", "value": bootstrap(accuracy, given.truth, guess, k)},
        {"figure": "macro-F1", "value": bootstrap(macro_f1, given.truth, guess, k)},
        {"figure": "calibration error", "value": bootstrap_calibration(given.prob, given.truth)},
    ]
    probs = {"as shipped": given.prob}
    if given.raw is not None:
        before = bootstrap_calibration(given.raw, given.truth)
        rows.append({"figure": "calibration error before tempering", "value": before})
        probs = {"before tempering": given.raw, "tempered": given.prob}
    area = risk_coverage(given.prob, given.truth).aurc
    rows.append({"figure": "area under the risk-coverage curve", "value": f"{area:.4f}"})
    if given.threshold is not None:
        coverage, risk = answered(given.prob, given.truth, given.threshold)
        text = f"answers {coverage:.1%} of the faces, {risk:.1%} of them wrongly"
        rows.append({"figure": f"confidence {given.threshold:.3f} or more", "value": text})
    classes = bootstrap_classes(given.truth, guess, given.labels)
    counts = [int(n) for n in matrix.sum(axis=1)]
    by_class = [
        {"class": c, "faces": n, **f} for (c, f), n in zip(classes.items(), counts, strict=True)
    ]
    name = given.name
    plot_confusion(matrix, given.labels, name, folder / f"confusion-{name}.png")
    plot_classes(classes, counts, name, folder / f"classes-{name}.png")
    plot_calibration(probs, given.truth, name, folder / f"calibration-{name}.png")
    plot_risk(given.prob, given.truth, name, folder / f"risk-{name}.png", threshold=given.threshold)
    return [
        f"## {name}",
        f"{len(guess)} faces; truth: {given.truth_name}. Brackets are 95 % bootstrap intervals "
        "over the faces.",
        table(rows),
        table(by_class),
        *(_shown(f"{plot}-{name}.png") for plot in ("confusion", "classes", "calibration", "risk")),
    ]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same columns as a Markdown table; a sentence where there is none."""
    if not rows:
        return "Nothing."
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([_cell(row[h]) for h in heads] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ranged(figure: Mapping[str, Any], *, scale: int = 1, sign: str = "", digits: int = 3) -> str:
    """A figure of metrics.json and its interval: `0.842 [0.829, 0.853]`."""
    low, high = figure["interval"]
    value, *ends = (f"{v * scale:{sign}.{digits}f}" for v in (figure["value"], low, high))
    return f"{value} [{', '.join(ends)}]"


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings with dotted names."""
    result: dict[str, Any] = {}
    for key, value in settings.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{prefix}{key}.")
        else:
            result[prefix + key] = value
    return result


def _cell(value: Any) -> str:
    if isinstance(value, Figure):
        return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def _shown(file: str) -> str:
    return f"![{file.removesuffix('.png')}]({file})"
