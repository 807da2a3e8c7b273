"""The shipped models reach their floors on real pictures, by the live code path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models
from realtime.faces import EMOTION_LABELS, MASK_LABELS
from realtime.litert import LiteRTModel
from training.crops import CropSpec
from training.evaluate import accuracy, confusion, macro_f1, predict

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


def spec_of(model: models.Model) -> CropSpec:
    return CropSpec(model.side_px, model.zoom, model.channels == 1)


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cut the crops anew, so that what is measured is the code as it stands."""
    monkeypatch.chdir(tmp_path)


def test_emotion_on_fer_private_test(data_dir: Path) -> None:
    from training.fer import read_fer

    model = models.load("emotion")
    faces = read_fer(data_dir, "private_test", spec_of(model))
    faces = faces[faces.majority >= 0]
    assert len(faces.majority) == 3349
    guess = predict(LiteRTModel(model.path), faces.crops).argmax(axis=1)
    matrix = confusion(faces.majority, guess, len(EMOTION_LABELS))
    assert accuracy(matrix) >= 0.82
    assert macro_f1(matrix) >= 0.68
    told = model.card["metrics"]["fer2013_private_test"]["accuracy"]["value"]
    assert accuracy(matrix) == pytest.approx(told, abs=0.005)


def test_mask_on_mask_scenes_val(data_dir: Path) -> None:
    from training.mask import LEAST_PX, worn_against_none
    from training.mask_sets import scenes

    model = models.load("mask")
    faces = scenes(data_dir, "val", spec_of(model))
    faces = faces[faces.side_px >= LEAST_PX]
    assert len(faces) > 400
    guess = predict(LiteRTModel(model.path), faces.crops).argmax(axis=1)
    matrix = confusion(faces.label, guess, len(MASK_LABELS))
    assert worn_against_none(matrix) >= 0.95
    told = model.card["metrics"]["mask_scenes_val"]["balanced_accuracy_worn_against_none"]["value"]
    assert worn_against_none(matrix) == pytest.approx(told, abs=0.01)


def test_bare_faces_of_another_source_are_not_called_masked(data_dir: Path) -> None:
    from training.mask_sets import WITH, utkface

    model = models.load("mask")
    faces = utkface(data_dir, "test", spec_of(model))
    guess = predict(LiteRTModel(model.path), faces.crops).argmax(axis=1)
    assert np.mean(guess == WITH) <= 0.01
