"""Evaluation of an emotion network on test sets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from models import Unsure
from realtime.attribute.registry import EMOTION
from realtime.core.faces import F32
from realtime.inference.litert import LiteRTModel
from training.calibration import apply_temperature
from training.certainty import ValidationFaces
from training.crops import CropSpec
from training.emotion.fer import MARGIN, FerSet, read_fer
from training.emotion.fer_rows import UNVOTED
from training.emotion.oval import NAME as OVAL
from training.emotion.oval import OvalSet, read_oval
from training.evaluate import Labels, predict
from training.report import Evaluation
from training.results import Results

if TYPE_CHECKING:  # imports Keras
    from training.emotion.task import EmotionConfig


SHIFT_PX = 2  # of the four crops beside the middle one
NEUTRAL = EMOTION.labels.index("neutral")


def truth_of(faces: FerSet, labels: str) -> Labels:
    """True labels (n,), -1 for none: FER-2013's own for `official`, otherwise FER+ majority."""
    return faces.official if labels == "official" else faces.majority


def read_labelled(data: Path, split: str, spec: CropSpec, labels: str, limit: int | None) -> FerSet:
    """The faces of a split that have a true label; arguments as for `read_fer` and `truth_of`."""
    faces = read_fer(data, split, spec, limit=limit)
    return faces[truth_of(faces, labels) >= 0]


def validation_faces(faces: FerSet, labels: str) -> ValidationFaces:
    """FER-2013 faces as validation faces."""
    return ValidationFaces(faces.crops, truth_of(faces, labels), faces.outline, faces.yaw_deg)


def oval_validation_faces(faces: OvalSet) -> ValidationFaces:
    """The validation part of expressions_oval as validation faces."""
    part = faces.validation
    truth = faces.soft[part].argmax(axis=1)
    return ValidationFaces(faces.crops[part], truth, faces.outline[part], faces.yaw_deg[part])


def ten_crop(network: LiteRTModel, wide: NDArray[np.uint8]) -> F32:
    """Mean probabilities (n, k) over five crops of each face and their mirror images.

    As FER-2013's published figures are often measured. Not what the pipeline does.

    Args:
        network: the exported network.
        wide: (n, side, side, 1) crops with a margin.
    """
    side = network.input_shape[0]
    middle = (wide.shape[1] - side) // 2
    shifts = ((0, 0), *((y, x) for y in (-SHIFT_PX, SHIFT_PX) for x in (-SHIFT_PX, SHIFT_PX)))
    total = np.zeros((len(wide), len(EMOTION.labels)), np.float32)
    for y, x in shifts:
        top, left = middle + y, middle + x
        crops = wide[:, top : top + side, left : left + side]
        for view in (crops, crops[:, :, ::-1]):
            total += predict(network, np.ascontiguousarray(view))
    mean: F32 = total / np.float32(2 * len(shifts))
    return mean


def evaluate(
    network: LiteRTModel,
    spec: CropSpec,
    data: Path,
    *,
    config: EmotionConfig | None = None,
    unsure: Unsure | None = None,
    limit: int | None = None,
) -> Results:
    """Evaluate on FER-2013's test splits, with painted masks too, and on expressions_oval.

    Args:
        network: the exported network.
        spec: how its crops are cut.
        data: the data folder; expressions_oval is skipped if missing.
        config: the run's settings, which choose the true labels; FER+ votes by default.
        unsure: thresholds of the network.
        limit: maximum number of pictures per set.

    Raises:
        DataError: FER-2013 is missing or malformed.
    """
    labels = "votes" if config is None else config.labels
    unsure = unsure or Unsure()
    results = Results()

    def add(name: str, truth_name: str, prob: F32, truth: Labels, threshold: float | None) -> None:
        said = int((prob.argmax(axis=1) == NEUTRAL).sum())
        ratio = round(said / max(int((truth == NEUTRAL).sum()), 1), 3)
        answers = Evaluation(name, truth_name, EMOTION.labels, truth, prob, threshold=threshold)
        results.add(answers, neutral_said_over_true=ratio)

    for split in ("public_test", "private_test"):
        faces = read_labelled(data, split, spec, labels, limit)
        truth = truth_of(faces, labels)
        prob = predict(network, faces.crops)
        origin = UNVOTED if labels == "official" else faces.truth
        if labels == "official" and split == "private_test":
            wide = read_labelled(data, split, spec.widened(MARGIN), labels, limit)
            prob_ten = ten_crop(network, wide.crops)
            note = f"{origin}; {faces.source}, mean of ten crops"
            add("fer2013_private_test_ten_crop", note, prob_ten, truth, None)
        add(f"fer2013_{split}", f"{origin}; {faces.source}", prob, truth, unsure.confidence)
    masked = predict(network, validation_faces(faces, labels).with_masks())
    masked = apply_temperature(masked, unsure.masked_temperature)
    truth_name = f"{origin}; private_test with a mask painted on every face"
    add("fer2013_private_test_masked", truth_name, masked, truth, unsure.masked_confidence)
    if (data / f"{OVAL}.zip").is_file():
        oval = read_oval(data, spec, limit=limit)
        prob = predict(network, oval.crops[oval.held_out])
        truth = oval.soft[oval.held_out].argmax(axis=1)
        truth_name = "folder names; the tenth held out of training"
        add("expressions_oval_held", truth_name, prob, truth, unsure.confidence)
    return results
