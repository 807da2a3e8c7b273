"""How well each face detector finds faces: average precision, F1, sizes, masks, false alarms.

A detector is shown each picture whole, shrunk to `MAX_SIDE_PX`, as in a stream. Curves take in all
answers from `LEAST_SCORE` on; single figures hold at the detector's default least score, which
`python -m benchmarks thresholds` found on other pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.detection_answers import LEAST_SCORE, Answers
from benchmarks.detection_plot import plot_curves
from benchmarks.detection_speed import measure_apart
from benchmarks.detection_truth import (
    ATTRIBUTES,
    SIZES_PX,
    everyone,
    judged,
    with_attribute,
    with_mask_label,
)
from realtime.core.faces import MASK_LABELS, Faces
from realtime.detect import DETECTORS, detector_entry
from training.detector import scenes
from training.detector.scenes import Scene
from training.detector.score import Curve, OperatingPoint, curve
from training.report import table

CACHE = Path("runs/cache/detection")
CURVE_POINTS = 160  # as many as a plot can show


def usable() -> list[str]:
    """The detectors whose packages are there."""
    return [name for name, entry in DETECTORS.items() if not entry.missing]


def measure(
    data: Path,
    names: Sequence[str],
    *,
    limit: int | None = None,
    timed: bool = True,
    plot: Path | None = None,
) -> dict[str, Any]:
    """The figures of each detector, by name.

    Args:
        data: the folder of zipped sets.
        names: detectors; an ensemble's members are asked once for all.
        limit: at most so many pictures a set, for a trial.
        timed: whether to measure milliseconds, too: each detector in a process of its own.
        plot: where to draw all precision-recall curves; nowhere if None.

    Raises:
        training.data.DataError: a set is missing.
        realtime.detect.DetectorMissingError: a package is missing.
    """
    answers = Answers(data, CACHE)
    sets = {
        "wider_val": scenes.wider(data, "wider_val")[:limit],
        "mask_scenes": scenes.mask_scenes(data, "val")[:limit],
        "scenes_without_faces": scenes.without_faces(data)[:limit],
    }
    figures, curves = {}, {}
    for name in names:
        curves[name], figures[name] = _one(answers, name, sets)
        if timed:
            figures[name]["ms"] = measure_apart(name, data)
    if plot is not None:
        plot_curves(curves, plot)
    return {"pictures": {name: len(found) for name, found in sets.items()}, "detectors": figures}


def _one(answers: Answers, name: str, sets: dict[str, list[Scene]]) -> tuple[Curve, dict[str, Any]]:
    entry = detector_entry(name)
    least = entry.min_score
    crowds, seen = sets["wider_val"], answers.seen("wider_val", sets["wider_val"])
    weak = asked(answers, name, "wider_val", crowds, min_score=LEAST_SCORE)
    usual = asked(answers, name, "wider_val", crowds, min_score=least)
    whole = curve(judged(seen, weak))
    figures: dict[str, Any] = {
        "average_precision": whole.average_precision(),
        "curve": _thinned(whole),
        "best": _told(whole.best()),
        "default": _told(curve(judged(seen, usual)).at(least)),
        "by_size": {},
        "by_attribute": {},
        "mask_scenes": {},
        "size_bytes": sum(path.stat().st_size for path in entry.files()),
    }
    for title, sizes in SIZES_PX.items():
        # Wrong answers of another size say nothing of this one.
        own = curve(judged(seen, weak, sizes_px=sizes, only_judged_sizes=True))
        at = curve(judged(seen, usual, sizes_px=sizes)).at(least)
        figures["by_size"][title] = {
            "faces": own.faces,
            "average_precision": own.average_precision(),
            "recall": at.recall,
        }
    for attribute, words in ATTRIBUTES.items():
        for value, word in enumerate(words):
            group = with_attribute(attribute, value)
            at = curve(judged(seen, usual, group=group)).at(least)
            told = {"faces": at.faces, "recall": at.recall}
            figures["by_attribute"].setdefault(attribute, {})[word] = told
    masked = answers.seen("mask_scenes", sets["mask_scenes"])
    usual = asked(answers, name, "mask_scenes", sets["mask_scenes"], min_score=least)
    for label, title in enumerate(MASK_LABELS):
        at = curve(judged(masked, usual, group=with_mask_label(label))).at(least)
        figures["mask_scenes"][title] = {"faces": at.faces, "recall": at.recall}
    at = curve(judged(masked, usual, group=everyone, only_judged_sizes=True)).at(least)
    figures["mask_scenes"]["all"] = _told(at)
    none = sets["scenes_without_faces"]
    usual = asked(answers, name, "scenes_without_faces", none, min_score=least)
    empty = curve(judged(answers.seen("scenes_without_faces", none), usual)).at(least)
    figures["without_faces"] = {
        "pictures": empty.pictures,
        "false_alarms": empty.false_positives,
        "false_alarms_per_picture": empty.false_positives_per_picture,
    }
    return whole, figures


def _thinned(whole: Curve) -> list[list[float]]:
    """Recall and precision of at most `CURVE_POINTS` points of a curve, evenly spread."""
    steps = np.linspace(0, len(whole.score) - 1, min(CURVE_POINTS, len(whole.score)))
    at = steps.round().astype(int)
    return np.stack([whole.recall[at], whole.precision[at]], axis=1).round(4).tolist()


def asked(
    answers: Answers, name: str, set_name: str, found: Sequence[Scene], *, min_score: float
) -> list[Faces]:
    """A detector's answers; an ensemble's from those of its members."""
    members = detector_entry(name).members
    if not members:
        return answers.of(name, set_name, found, min_score=min_score)
    return answers.fused(members, set_name, found, min_score=min_score)


def report(figures: dict[str, Any]) -> list[str]:
    """Titles and tables for people, one string each."""
    rows, sizes, faces, attributes = [], [], [], []
    for name, told in figures["detectors"].items():
        default, best = told["default"], told["best"]
        ms = told.get("ms")
        rows.append(
            {
                "detector": name,
                "AP@0.5": _share(told["average_precision"]),
                "best F1": _share(best["f1"]),
                "min score": f"{default['min_score']:.2f}",
                "F1 there": _share(default["f1"]),
                "precision": _share(default["precision"]),
                "recall": _share(default["recall"]),
                "false alarms a picture without faces": (
                    f"{told['without_faces']['false_alarms_per_picture']:.3f}"
                ),
                "ms (p50)": f"{ms['p50']:.1f}" if ms else "",
                "MB": f"{told['size_bytes'] / 1e6:.2f}" if told["size_bytes"] else "in its package",
            }
        )
        sizes.append(
            {"detector": name}
            | {
                f"{title} ({one['faces']} faces)": "{average_precision:.3f} / {recall:.3f}".format(
                    **one
                )
                for title, one in told["by_size"].items()
            }
        )
        faces.append(
            {"detector": name}
            | {
                f"{title} ({one['faces']} faces)": _share(one["recall"])
                for title, one in told["mask_scenes"].items()
                if title != "all"
            }
            | {n: _share(told["mask_scenes"]["all"][n]) for n in ("precision", "f1")}
        )
    for attribute, words in ATTRIBUTES.items():
        for word in words:
            columns = {
                name: _share(told["by_attribute"][attribute][word]["recall"])
                for name, told in figures["detectors"].items()
            }
            count = next(iter(figures["detectors"].values()))["by_attribute"][attribute][word]
            attributes.append({"": f"{attribute}: {word}", "faces": count["faces"], **columns})
    counts = ", ".join(f"{n} of {name}" for name, n in figures["pictures"].items())
    return [
        f"detection, {counts}; faces of 20 px or more",
        table(rows),
        "AP@0.5 / recall by height in a picture of at most 640 px, wider_val",
        table(sizes),
        "recall by WIDER's attributes, wider_val",
        table(attributes),
        "recall by mask, mask_scenes val",
        table(faces),
    ]


def _told(at: OperatingPoint) -> dict[str, float]:
    return {
        **asdict(at),
        "precision": at.precision,
        "recall": at.recall,
        "f1": at.f1,
    }


def _share(value: float) -> str:
    return f"{value:.3f}"
