"""How often the shipped networks are right, on pictures that they never saw.

Each picture goes through the mesh, the alignment and the LiteRT file as in the running system;
where a set's name ends in `_found`, the detector of the photo page finds the faces first.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import models
from benchmarks import clips, detection, landmark_impact, landmarks
from benchmarks.answers import answers
from benchmarks.environment import header, header_text
from realtime.core.settings import AnalysisSettings
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.data import DEFAULT_DATA, DataError
from training.report import ranged, table

TASKS = ("emotion", "mask", "gender")  # the classifiers; the others have figures of their own
LANDMARK_TASKS = ("landmarks", "landmark-impact")  # run only where they are asked for


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m benchmarks accuracy`."""
    usual = [*TASKS, "detection"]
    parser.add_argument("--task", choices=[*usual, *LANDMARK_TASKS], nargs="+", default=usual)
    parser.add_argument("--data", type=Path, default=DEFAULT_DATA, help="folder of zipped sets")
    parser.add_argument("--limit", type=int, help="at most so many pictures a set, for a trial")
    parser.add_argument(
        "--detector",
        nargs="+",
        metavar="NAME",
        help="the detectors to judge, all where not given; for landmarks, whose boxes they take",
    )
    parser.add_argument("--no-speed", dest="speed", action="store_false", help="take no times")
    parser.add_argument("--plot", type=Path, metavar="PNG", help="draw the task's figures")
    parser.add_argument("--landmarks-file", type=Path, metavar="FILE.dat", help="a user's own")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure each task's shipped model on its evaluation sets.

    Raises:
        training.data.DataError: a set is missing.
        models.ModelError: a model is missing or damaged.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if args.plot is not None and len({"detection", *LANDMARK_TASKS} & set(args.task)) > 1:
        raise ValueError("--plot has one file: ask for one of the tasks that draw at a time.")
    figures: dict[str, Any] = {"benchmark": "accuracy", "header": header(), "tasks": {}}
    if "detection" in args.task:
        figures["detection"] = detection.measure(
            args.data,
            args.detector or detection.usable(),
            limit=args.limit,
            timed=args.speed,
            plot=args.plot,
        )
    if "landmarks" in args.task:
        detectors = args.detector or [AnalysisSettings().detector]
        figures["landmarks"] = landmarks.measure(
            args.data, detectors, limit=args.limit, plot=args.plot, file=args.landmarks_file
        )
    if "landmark-impact" in args.task:
        figures["landmark_impact"] = landmark_impact.measure(
            args.data, limit=args.limit, plot=args.plot
        )
    classifiers = [name for name in args.task if name in TASKS]
    if not classifiers:
        return figures
    from training.emotion import task as emotion  # these import Keras, which takes seconds
    from training.gender import cnn
    from training.mask import task as mask

    tasks = {"emotion": emotion.TASK, "mask": mask.TASK, "gender": cnn.TASK}
    for name in classifiers:
        model = models.load(name)
        verdict = tasks[name].evaluate(
            LiteRTModel(model.path),
            CropSpec(model.side_px, model.zoom, gray=model.channels == 1),
            args.data,
            unsure=model.unsure,
            limit=args.limit,
        )
        figures["tasks"][name] = {
            "metrics": verdict.metrics,
            "lines": verdict.lines,
            "answers": {e.name: answers(e) for e in verdict.evaluations},
        }
    if "mask" in args.task:
        clip = args.data / "clips" / clips.BARE
        if not clip.is_file():
            raise DataError(f"The data folder {args.data} has no clips/{clips.BARE}.")
        figures["tasks"]["mask"]["clip"] = {
            "name": clips.BARE,
            "answers": clips.mask_answers(clip, unsure=True, limit=args.limit),
            "answers_without_unsure": clips.mask_answers(clip, unsure=False, limit=args.limit),
        }
    return figures


def report(figures: dict[str, Any]) -> str:
    """The figures as tables for people; brackets are 95 % bootstrap intervals."""
    parts = [header_text(figures["header"])]
    if "detection" in figures:
        parts += detection.report(figures["detection"])
    if "landmarks" in figures:
        parts += landmarks.report(figures["landmarks"])
    if "landmark_impact" in figures:
        parts += landmark_impact.report(figures["landmark_impact"])
    for name, task in figures["tasks"].items():
        labelled = {k: v for k, v in task["metrics"].items() if "per_class" in v}
        parts += [f"{name}, labelled faces", table(_sets(labelled))]
        for set_name, told in labelled.items():
            rows = [{"class": k, **row} for k, row in told["per_class"].items()]
            parts += [f"{set_name}: {told['truth']}", table(rows)]
        two = {k: v for k, v in labelled.items() if "worn_against_none_f1_worn" in v}
        if two:
            parts += ["worn against none, those worn wrongly left out", table(_two(two))]
        parts += [
            part
            for set_name, told in labelled.items()
            if "groups" in told
            for part in (f"{set_name} by group", table(_groups(told["groups"])))
        ]
        bare = {k: v for k, v in task["metrics"].items() if "called_with_mask" in v}
        if bare:
            parts += ["bare faces called masked", table(_bare(bare))]
        if "clip" in task:
            parts += [f"{task['clip']['name']}, frames by answer", table(_clip(task["clip"]))]
    return "\n\n".join(parts)


def _sets(labelled: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, told in labelled.items():
        row = {
            "set": name,
            "faces": told["n"],
            "accuracy": ranged(told["accuracy"]),
            "macro-F1": ranged(told["macro_f1"]),
            "calibration error": ranged(told["calibration_error"]),
            "sure": f"{told.get('share_sure', 1):.1%}",
            "right when sure": f"{told.get('accuracy_when_sure', told['accuracy']['value']):.1%}",
        }
        rows.append(row)
    return rows


def _two(labelled: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("f1_worn", "f1_none", "balanced_accuracy")
    rows = []
    for name, told in labelled.items():
        values = {n.replace("_", " "): ranged(told[f"worn_against_none_{n}"]) for n in names}
        rows.append({"set": name, **values})
    return rows


def _groups(groups: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"group": name, "faces": told["n"], "accuracy": ranged(told["accuracy"])}
        for name, told in groups.items()
    ]


def _bare(bare: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {
            "set": name,
            "faces": told["n"],
            "with_mask": f"{told['called_with_mask']:.2%}",
            "incorrect": f"{told['called_incorrect']:.2%}",
            "sure": f"{told['share_sure']:.1%}",
            "surely with_mask": f"{told['surely_called_with_mask']:.2%}",
            "surely incorrect": f"{told['surely_called_incorrect']:.2%}",
        }
        for name, told in bare.items()
    ]


def _clip(clip: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {"with unsure": clip["answers"], "best guess": clip["answers_without_unsure"]}
    names = sorted(set().union(*kinds.values()) - {"frames"})
    return [
        {"answers": kind, "frames": counts["frames"], **{n: counts.get(n, 0) for n in names}}
        for kind, counts in kinds.items()
    ]
