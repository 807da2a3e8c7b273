"""A run's report: `report.md` with settings, tables and plots."""

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
from training.plots import (
    plot_calibration,
    plot_classes,
    plot_confusion,
    plot_curves,
    plot_risk,
)
from training.risk_coverage import coverage_and_risk, risk_coverage


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """A network's answers on one set.

    Attributes:
        name: the set's name, also used for files: `fer2013_private_test`.
        truth_name: where the true labels come from, such as `FER+ majority`.
        labels: classes in the order of the probabilities.
        truth: (n,) int64, true classes.
        prob: (n, k) float32, probabilities of the exported network.
        raw: (n, k) float32, probabilities before calibration, if known.
        threshold: confidence threshold chosen on validation faces; None for no threshold.
    """

    name: str
    truth_name: str
    labels: Sequence[str]
    truth: Labels
    prob: F32
    raw: F32 | None = None
    threshold: float | None = None


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON; unknown types become strings."""
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
    """Write `report.md` and the plots it embeds.

    Args:
        folder: run folder.
        title: what the network classifies.
        command: command line that reproduces the model.
        config: all settings; nested mappings are flattened.
        history: one row of metrics per epoch; no curves are drawn if empty.
        evaluations: results by set.
        facts: table at the top: size, speed, training sets, ...
        tables: further tables by title, each a list of rows with the same columns.

    Returns:
        Path of the report; the plots are in the same folder.
    """
    parts = [f"# {title}", f"```\n{command}\n```"]
    if facts:
        parts.append(table([{"": k, " ": v} for k, v in facts.items()]))
    if history:
        plot_curves(history, folder / "curves.png")
        parts += ["## Training", f"{len(history)} epochs.", _image("curves.png")]
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
    """The report section of one set; draws its plots into `folder`."""
    k, predicted = len(given.labels), given.prob.argmax(axis=1)
    matrix = confusion(given.truth, predicted, k)
    rows: list[dict[str, Any]] = [
        {"metric": "accuracy", "value": bootstrap(accuracy, given.truth, predicted, k)},
        {"metric": "macro-F1", "value": bootstrap(macro_f1, given.truth, predicted, k)},
        {"metric": "calibration error", "value": bootstrap_calibration(given.prob, given.truth)},
    ]
    probs = {"exported": given.prob}
    if given.raw is not None:
        before = bootstrap_calibration(given.raw, given.truth)
        rows.append({"metric": "calibration error before temperature scaling", "value": before})
        probs = {"before calibration": given.raw, "calibrated": given.prob}
    area = risk_coverage(given.prob, given.truth).aurc
    rows.append({"metric": "area under the risk-coverage curve", "value": f"{area:.4f}"})
    if given.threshold is not None:
        coverage, risk = coverage_and_risk(given.prob, given.truth, given.threshold)
        text = f"coverage {coverage:.1%}, risk {risk:.1%}"
        rows.append({"metric": f"confidence {given.threshold:.3f} or more", "value": text})
    classes = bootstrap_classes(given.truth, predicted, given.labels)
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
        f"{len(predicted)} faces; truth: {given.truth_name}. Brackets are 95 % bootstrap intervals "
        "over the faces.",
        table(rows),
        table(by_class),
        *(_image(f"{plot}-{name}.png") for plot in ("confusion", "classes", "calibration", "risk")),
    ]


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Format rows with the same columns as a Markdown table; `No rows.` without any."""
    if not rows:
        return "No rows."
    heads = list(rows[0])
    lines = [heads, ["---"] * len(heads), *([_cell(row[h]) for h in heads] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def ranged(figure: Mapping[str, Any], *, scale: int = 1, sign: str = "", digits: int = 3) -> str:
    """Format a metric of metrics.json with its interval: `0.842 [0.829, 0.853]`.

    Args:
        figure: the metric, with keys `value` and `interval`.
        scale: factor, such as 100 for percentage points.
        sign: format flag, such as `+`.
        digits: decimal places.
    """
    low, high = figure["interval"]
    value, *ends = (f"{v * scale:{sign}.{digits}f}" for v in (figure["value"], low, high))
    return f"{value} [{', '.join(ends)}]"


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Flatten nested settings to dotted names."""
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


def _image(file: str) -> str:
    return f"![{file.removesuffix('.png')}]({file})"
