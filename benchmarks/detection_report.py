"""Tables of the detection benchmark."""

from __future__ import annotations

from typing import Any

from benchmarks.ground_truth import ATTRIBUTES
from training.report import table


def report(results: dict[str, Any]) -> list[str]:
    """Format the results as titles and tables, one string each."""
    detectors = results["detectors"] | results["photos"]
    counts = ", ".join(f"{n} of {name}" for name, n in results["pictures"].items())
    return [
        f"detection, images: {counts}; faces of at least 20 px",
        table([_summary_row(name, metrics) for name, metrics in detectors.items()]),
        "AP@0.5 / recall by face height in an image of at most 640 px, wider_val",
        table([_size_row(name, metrics) for name, metrics in detectors.items()]),
        "recall by attribute of WIDER FACE, wider_val",
        table(_attribute_rows(detectors)),
        "recall by mask, mask_scenes val",
        table([_mask_row(name, metrics) for name, metrics in detectors.items()]),
    ]


def _summary_row(name: str, metrics: dict[str, Any]) -> dict[str, str]:
    default, ms, size = metrics["default"], metrics.get("ms"), metrics["size_bytes"]
    false_positives = metrics["without_faces"]["false_alarms_per_picture"]
    return {
        "detector": name,
        "AP@0.5": _format(metrics["average_precision"]),
        "best F1": _format(metrics["best"]["f1"]),
        "threshold": f"{default['min_score']:.2f}",
        "F1": _format(default["f1"]),
        "precision": _format(default["precision"]),
        "recall": _format(default["recall"]),
        "false positives per image without faces": _format(false_positives),
        "ms (p50)": f"{ms['p50']:.1f}" if ms else "",
        "MB": f"{size / 1e6:.2f}" if size else "in its package",
    }


def _size_row(name: str, metrics: dict[str, Any]) -> dict[str, str]:
    return {"detector": name} | {
        f"{title} ({one['faces']} faces)": f"{one['average_precision']:.3f} / {one['recall']:.3f}"
        for title, one in metrics["by_size"].items()
    }


def _mask_row(name: str, metrics: dict[str, Any]) -> dict[str, str]:
    masks = metrics["mask_scenes"]
    by_label = {
        f"{title} ({one['faces']} faces)": _format(one["recall"])
        for title, one in masks.items()
        if title != "all"
    }
    overall = {key: _format(masks["all"][key]) for key in ("precision", "f1")}
    return {"detector": name} | by_label | overall


def _attribute_rows(detectors: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    rows = []
    for attribute, value_names in ATTRIBUTES.items():
        for value_name in value_names:
            groups = {
                name: metrics["by_attribute"][attribute][value_name]
                for name, metrics in detectors.items()
            }
            recalls = {name: _format(group["recall"]) for name, group in groups.items()}
            faces = next(iter(groups.values()))["faces"]
            rows.append({"": f"{attribute}: {value_name}", "faces": faces, **recalls})
    return rows


def _format(value: float) -> str:
    return f"{value:.3f}"
