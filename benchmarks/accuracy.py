"""Accuracy of the shipped models on held-out data sets.

Each image goes through the mesh, the alignment and the LiteRT network, as in the live pipeline. For
sets whose name ends in `_found`, the detector of the photo page detects the faces first.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import models
from benchmarks import clips, detection, landmark_impact, landmarks
from benchmarks.classifier_curves import classifier_curves
from benchmarks.environment import describe_environment, format_environment
from realtime.core.settings import AnalysisSettings
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.data import DEFAULT_DATA, DataError
from training.report import ranged, table

CLASSIFIERS = ("emotion", "mask", "gender")
LANDMARK_TASKS = ("landmarks", "landmark-impact")  # run only on request
Rows = list[dict[str, Any]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `python -m benchmarks accuracy`."""
    default = [*CLASSIFIERS, "detection"]
    parser.add_argument(
        "--task", choices=[*default, *LANDMARK_TASKS], nargs="+", default=default,
        help=f"tasks to evaluate (default: {' '.join(default)})",
    )  # fmt: skip
    parser.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, help="folder of zipped data sets"
    )
    parser.add_argument("--limit", type=int, help="maximum images per set, for a quick trial")
    parser.add_argument(
        "--detector", nargs="+", metavar="NAME",
        help="detectors to evaluate (default: all); for landmarks, the detectors whose boxes are "
        "used (default: the default detector)",
    )  # fmt: skip
    parser.add_argument(
        "--no-speed", dest="speed", action="store_false", help="skip the time measurements"
    )
    parser.add_argument("--plot", type=Path, metavar="PNG", help="plot the results of the task")
    parser.add_argument(
        "--landmarks-file", type=Path, metavar="FILE.dat",
        help="dlib shape predictor to evaluate instead of ours",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Evaluate the shipped model of each task on its evaluation sets.

    Raises:
        training.data.DataError: A data set is missing.
        models.ModelError: A model is missing or damaged.
        ValueError: --plot is given with more than one task that draws a plot.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if args.plot is not None and len({"detection", *LANDMARK_TASKS} & set(args.task)) > 1:
        raise ValueError("--plot writes one file: choose one of the tasks that draw a plot.")
    results: dict[str, Any] = {
        "benchmark": "accuracy",
        "header": describe_environment(),
        "tasks": {},
    }
    if "detection" in args.task:
        results["detection"] = detection.measure(
            args.data,
            args.detector or detection.available_detectors(),
            limit=args.limit,
            timed=args.speed,
            plot=args.plot,
        )
    if "landmarks" in args.task:
        detectors = args.detector or [AnalysisSettings().detector]
        results["landmarks"] = landmarks.measure(
            args.data, detectors, limit=args.limit, plot=args.plot, file=args.landmarks_file
        )
    if "landmark-impact" in args.task:
        results["landmark_impact"] = landmark_impact.measure(
            args.data, limit=args.limit, plot=args.plot
        )
    classifiers = [name for name in args.task if name in CLASSIFIERS]
    if classifiers:
        results["tasks"] = _evaluate_classifiers(classifiers, args.data, args.limit)
    return results


def _evaluate_classifiers(names: list[str], data: Path, limit: int | None) -> dict[str, Any]:
    from training.emotion import task as emotion  # these import Keras, which takes seconds
    from training.gender import cnn
    from training.mask import task as mask

    tasks = {"emotion": emotion.TASK, "mask": mask.TASK, "gender": cnn.TASK}
    results: dict[str, Any] = {}
    for name in names:
        model = models.load(name)
        verdict = tasks[name].judge(
            LiteRTModel(model.path),
            CropSpec(model.side_px, model.zoom, gray=model.channels == 1),
            data,
            unsure=model.unsure,
            limit=limit,
        )
        results[name] = {
            "metrics": verdict.metrics,
            "lines": verdict.lines,
            "answers": {e.name: classifier_curves(e) for e in verdict.evaluations},
        }
    if "mask" in names:
        clip = data / "clips" / clips.BARE_FACE_CLIP
        if not clip.is_file():
            raise DataError(f"The data folder {data} has no clips/{clips.BARE_FACE_CLIP}.")
        results["mask"]["clip"] = {
            "name": clips.BARE_FACE_CLIP,
            "answers": clips.count_mask_labels(clip, unsure=True, limit=limit),
            "answers_without_unsure": clips.count_mask_labels(clip, unsure=False, limit=limit),
        }
    return results


def report(results: dict[str, Any]) -> str:
    """Format the results as tables; brackets are 95 % bootstrap intervals."""
    parts = [format_environment(results["header"])]
    if "detection" in results:
        parts += detection.report(results["detection"])
    if "landmarks" in results:
        parts += landmarks.report(results["landmarks"])
    if "landmark_impact" in results:
        parts += landmark_impact.report(results["landmark_impact"])
    for name, task in results["tasks"].items():
        parts += _report_classifier(name, task)
    return "\n\n".join(parts)


def _report_classifier(name: str, task: dict[str, Any]) -> list[str]:
    labelled = {k: v for k, v in task["metrics"].items() if "per_class" in v}
    parts = [f"{name}, labelled faces", table(_set_rows(labelled))]
    for set_name, metrics in labelled.items():
        rows = [{"class": label, **row} for label, row in metrics["per_class"].items()]
        parts += [f"{set_name}: {metrics['truth']}", table(rows)]
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
