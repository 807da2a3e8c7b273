"""The shipped models reach minimum accuracies on real pictures, cut by the pipeline's code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models
from realtime.attribute.registry import EMOTION, MASK
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.evaluate import accuracy, calibration_error, confusion, f1_scores, macro_f1, predict

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


def spec_of(model: models.Model) -> CropSpec:
    return CropSpec(model.side_px, model.zoom, model.channels == 1)


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an empty cache, so that the current code cuts the crops."""
    monkeypatch.chdir(tmp_path)


def test_emotion_on_fer_private_test(data_dir: Path) -> None:
    from training.emotion.fer import read_fer

    model = models.load("emotion")
    faces = read_fer(data_dir, "private_test", spec_of(model))
    faces = faces[faces.majority >= 0]
    assert len(faces.majority) == 3349
    prob = predict(LiteRTModel(model.path), faces.crops)
    matrix = confusion(faces.majority, prob.argmax(axis=1), len(EMOTION.labels))
    assert calibration_error(prob, faces.majority) <= 0.04
    assert accuracy(matrix) >= 0.82
    assert macro_f1(matrix) >= 0.68
    reported = model.card["metrics"]["fer2013_private_test"]["accuracy"]["value"]
    assert accuracy(matrix) == pytest.approx(reported, abs=0.005)


def test_mask_on_detected_faces(data_dir: Path) -> None:
    from training.mask.evaluate import MIN_FACE_PX, WORN_AGAINST_NONE
    from training.mask.sets import INCORRECT, scenes

    model = models.load("mask")
    faces = scenes(data_dir, "val", spec_of(model), detected=True)
    faces = faces[faces.side_px >= MIN_FACE_PX]
    assert len(faces) > 300
    prob = predict(LiteRTModel(model.path), faces.crops)
    predicted = prob.argmax(axis=1)
    matrix = confusion(faces.label, predicted, len(MASK.labels))
    reported = model.card["metrics"]["mask_scenes_val_found"]
    for name, minimum in (("f1_worn", 0.97), ("f1_none", 0.95)):
        value = WORN_AGAINST_NONE[f"worn_against_none_{name}"](matrix)
        assert value >= minimum
        assert value == pytest.approx(reported[f"worn_against_none_{name}"]["value"], abs=0.01)
    assert f1_scores(matrix)[INCORRECT] >= 0.5
    assert calibration_error(prob, faces.label) <= 0.04


def test_unmasked_faces_of_another_source_are_not_classified_as_masked(data_dir: Path) -> None:
    from training.mask.sets import WITH, utkface

    model = models.load("mask")
    faces = utkface(data_dir, "test", spec_of(model))
    predicted = predict(LiteRTModel(model.path), faces.crops).argmax(axis=1)
    assert np.mean(predicted == WITH) <= 0.01


def test_hand_over_the_face_is_not_classified_as_mask(data_dir: Path) -> None:
    from benchmarks.clips import BARE_FACE_CLIP, count_mask_labels

    answers = count_mask_labels(data_dir / "clips" / BARE_FACE_CLIP, unsure=False)
    assert answers["without_mask"] > 0.5 * answers["frames"]
    assert answers.get("with_mask", 0) <= 0.05 * answers["frames"]
