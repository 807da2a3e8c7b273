"""What an emotion network is worth, on faces that it never saw."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from models import Unsure
from realtime.core.faces import EMOTION_LABELS, F32
from realtime.inference.litert import LiteRTModel
from training.calibration import tempered
from training.certainty import Held
from training.crops import CropSpec
from training.emotion.fer import FerSet, read_fer
from training.emotion.fer_rows import UNVOTED
from training.emotion.oval import read_oval
from training.evaluate import Labels, predict
from training.report import Evaluation
from training.verdict import Verdict


def truth_of(faces: FerSet, labels: str) -> Labels:
    """What counts as right, -1 for nothing: the FER+ majority, or FER-2013's official label."""
    return faces.majority if labels == "votes" else faces.official


def named(data: Path, split: str, spec: CropSpec, labels: str, limit: int | None) -> FerSet:
    """The faces of a split that have a right answer."""
    faces = read_fer(data, split, spec, limit=limit)
    return faces[truth_of(faces, labels) >= 0]


def held(faces: FerSet, labels: str) -> Held:
    """The faces as validation faces."""
    return Held(faces.crops, truth_of(faces, labels), faces.outline, faces.yaw_deg)


def judge(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: Any = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Verdict:
    """Figures on FER-2013's test splits, with masks painted on too, and on faces of another set."""
    labels = "votes" if config is None else config.labels
    unsure = unsure or Unsure()
    verdict = Verdict()

    def add(name: str, told: str, prob: F32, truth: Labels, threshold: float | None) -> None:
        verdict.add(Evaluation(name, told, EMOTION_LABELS, truth, prob, threshold=threshold))

    for split in ("public_test", "private_test"):
        faces = named(data, split, spec, labels, limit)
        truth = truth_of(faces, labels)
        prob = predict(network, faces.crops)
        words = faces.truth if labels == "votes" else UNVOTED
        add(f"fer2013_{split}", f"{words}; {faces.source}", prob, truth, unsure.confidence)
    covered = tempered(predict(network, held(faces, labels).masked()), unsure.masked_temperature)
    told = f"{words}; a mask is painted on every face of private_test"
    add("fer2013_private_test_masked", told, covered, truth, unsure.masked_confidence)
    if (data / "expressions_oval.zip").is_file():
        oval = read_oval(data, spec, limit=limit)
        prob, truth = predict(network, oval.crops[oval.held]), oval.soft[oval.held].argmax(axis=1)
        told = "the folders' names; the tenth that is held out of training"
        add("expressions_oval_held", told, prob, truth, unsure.confidence)
    return verdict
