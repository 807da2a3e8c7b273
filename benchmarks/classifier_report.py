"""Tables of a classifier's results in the accuracy benchmark."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from training.report import ranged, table

Rows = list[dict[str, Any]]
# Test sets that stand for a source of faces each; the others repeat the same faces.
SOURCES = ("fer2013_private_test", "expressions_oval_held")
SAID = "neutral_said_over_true"


def report_classifier(name: str, task: dict[str, Any]) -> list[str]:
    """Format the results of one classifier as titles and tables, one string each.

    Args:
        name: The classifier.
        task: Its results in the accuracy benchmark.
    """
    labelled = {k: v for k, v in task["metrics"].items() if "per_class" in v}
    parts = [f"{name}, labelled faces", table(_set_rows(labelled))]
    for set_name, metrics in labelled.items():
        rows = [{"class": label, **row} for label, row in metrics["per_class"].items()]
        parts += [f"{set_name}: {metrics['truth']}", table(rows)]
    by_source = {k: v for k, v in labelled.items() if k in SOURCES and SAID in v}
    if by_source:
        parts += ["by source of the faces", table(_source_rows(by_source))]
    binary = {k: v for k, v in labelled.items() if "worn_against_none_f1_worn" in v}
    if binary:
        parts += ["mask against no mask, incorrect masks excluded", table(_binary_rows(binary))]
    for set_name, metrics in labelled.items():
        if "groups" in metrics:
            parts += [f"{set_name} by group", table(_group_rows(metrics["groups"]))]
    bare = {k: v for k, v in task["metrics"].items() if "called_with_mask" in v}
    if bare:
        parts += ["false positives on faces without a mask", table(_bare_rows(bare))]
    if "clip" in task:
        parts += [f"{task['clip']['name']}, frames by label", table(_clip_rows(task["clip"]))]
    return parts


def _set_rows(labelled: dict[str, Any]) -> Rows:
    rows = []
    for name, metrics in labelled.items():
        confident_accuracy = metrics.get("accuracy_when_sure", metrics["accuracy"]["value"])
        row = {
            "set": name,
            "faces": metrics["n"],
            "accuracy": ranged(metrics["accuracy"]),
            "macro-F1": ranged(metrics["macro_f1"]),
            "calibration error": ranged(metrics["calibration_error"]),
            "coverage": f"{metrics.get('share_sure', 1):.1%}",
            "accuracy without unsure": f"{confident_accuracy:.1%}",
        }
        rows.append(row)
    return rows


def _source_rows(sources: dict[str, Any]) -> Rows:
    """One row per source of faces, and the mean over the sources."""
    columns: dict[str, Callable[[dict[str, Any]], float]] = {
        "balanced accuracy": lambda m: m["balanced_accuracy"]["value"],
        "neutral said over true": lambda m: m[SAID],
        "calibration error": lambda m: m["calibration_error"]["value"],
        "coverage": lambda m: m.get("share_sure", 1.0),
        "accuracy without unsure": lambda m: m.get("accuracy_when_sure", m["accuracy"]["value"]),
    }
    values = {name: [read(m) for read in columns.values()] for name, m in sources.items()}
    values["mean"] = [sum(column) / len(column) for column in zip(*values.values(), strict=True)]
    return [
        {"source": name} | {title: f"{v:.3f}" for title, v in zip(columns, row, strict=True)}
        for name, row in values.items()
    ]


def _binary_rows(labelled: dict[str, Any]) -> Rows:
    columns = {
        "F1 mask": "f1_worn",
        "F1 no mask": "f1_none",
        "balanced accuracy": "balanced_accuracy",
    }
    return [
        {"set": name}
        | {title: ranged(metrics[f"worn_against_none_{key}"]) for title, key in columns.items()}
        for name, metrics in labelled.items()
    ]


def _group_rows(groups: dict[str, Any]) -> Rows:
    return [
        {"group": name, "faces": metrics["n"], "accuracy": ranged(metrics["accuracy"])}
        for name, metrics in groups.items()
    ]


def _bare_rows(bare: dict[str, Any]) -> Rows:
    return [
        {
            "set": name,
            "faces": metrics["n"],
            "with_mask": f"{metrics['called_with_mask']:.2%}",
            "incorrect": f"{metrics['called_incorrect']:.2%}",
            "coverage": f"{metrics['share_sure']:.1%}",
            "with_mask, without unsure": f"{metrics['surely_called_with_mask']:.2%}",
            "incorrect, without unsure": f"{metrics['surely_called_incorrect']:.2%}",
        }
        for name, metrics in bare.items()
    ]


def _clip_rows(clip: dict[str, Any]) -> Rows:
    modes = {"with unsure": clip["answers"], "without unsure": clip["answers_without_unsure"]}
    labels = sorted(set().union(*modes.values()) - {"frames"})
    return [
        {"mode": mode, "frames": counts["frames"], **{name: counts.get(name, 0) for name in labels}}
        for mode, counts in modes.items()
    ]
