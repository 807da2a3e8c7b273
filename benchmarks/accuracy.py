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
from benchmarks import clips, detection, detection_report, landmark_impact, landmarks
from benchmarks.classifier_curves import classifier_curves
from benchmarks.classifier_report import report_classifier
from benchmarks.environment import describe_environment, format_environment
from realtime.core.settings import AnalysisSettings
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.data import DEFAULT_DATA, DataError

CLASSIFIERS = ("emotion", "mask", "gender")
LANDMARK_TASKS = ("landmarks", "landmark-impact")  # run only on request


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
    parser.add_argument(
        "--models", type=Path, metavar="DIR",
        help="evaluate the emotion, mask or gender network of this folder instead of the shipped "
        "one, such as runs/emotion/models",
    )  # fmt: skip
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
        results["tasks"] = _evaluate_classifiers(classifiers, args.data, args.limit, args.models)
    return results


def _evaluate_classifiers(
    names: list[str], data: Path, limit: int | None, root: Path | None
) -> dict[str, Any]:
    from training.emotion import task as emotion  # these import Keras, which takes seconds
    from training.gender import cnn
    from training.mask import task as mask

    tasks = {"emotion": emotion.TASK, "mask": mask.TASK, "gender": cnn.TASK}
    results: dict[str, Any] = {}
    for name in names:
        model = models.load(name, root=root)
        verdict = tasks[name].evaluate(
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
        parts += detection_report.report(results["detection"])
    if "landmarks" in results:
        parts += landmarks.report(results["landmarks"])
    if "landmark_impact" in results:
        parts += landmark_impact.report(results["landmark_impact"])
    for name, task in results["tasks"].items():
        parts += report_classifier(name, task)
    return "\n\n".join(parts)
