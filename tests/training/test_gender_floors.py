"""The shipped gender models reach minimum accuracies, cut by the pipeline's code."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models
from realtime.attribute.eigenfaces import FILE, TRUSTED, flatten
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.evaluate import predict
from training.gender.faces import read_faces
from training.gender.sources import Part

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]
SETS: tuple[tuple[Part, str], ...] = (("test", "utkface_test"), ("other", "lfw_gender"))


@pytest.fixture(autouse=True)
def fresh_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an empty cache, so that the current code cuts the crops."""
    monkeypatch.chdir(tmp_path)


def spec_of(model: models.Model) -> CropSpec:
    return CropSpec(model.side_px, model.zoom, model.channels == 1)


@pytest.mark.parametrize(("part", "floor"), [("test", 0.92), ("other", 0.85)])
def test_eigenfaces(data_dir: Path, part: Part, floor: float) -> None:
    from skops import io

    model = models.load("gender-svm", file=FILE)
    faces = read_faces(data_dir, part, spec_of(model))
    predicted = (
        io.load(model.path, trusted=TRUSTED).predict_proba(flatten(faces.crops)).argmax(axis=1)
    )
    reported = model.card["metrics"][dict(SETS)[part]]["accuracy"]["value"]
    accuracy = float(np.mean(predicted == faces.label))
    assert reported >= floor
    assert accuracy == pytest.approx(reported, abs=0.005)  # rounding differs between CPUs


@pytest.mark.parametrize(("part", "floor"), [("test", 0.94), ("other", 0.93)])
def test_network(data_dir: Path, part: Part, floor: float) -> None:
    model = models.load("gender")
    faces = read_faces(data_dir, part, spec_of(model))
    predicted = predict(LiteRTModel(model.path), faces.crops).argmax(axis=1)
    reported = model.card["metrics"][dict(SETS)[part]]["accuracy"]["value"]
    accuracy = float(np.mean(predicted == faces.label))
    assert reported >= floor
    assert accuracy == pytest.approx(reported, abs=0.005)  # rounding differs between CPUs


@pytest.mark.parametrize(("name", "file"), [("gender-svm", FILE), ("gender", models.NETWORK)])
def test_cards_report_accuracy_by_group(name: str, file: str) -> None:
    card = models.load(name, file=file).card
    groups = card["metrics"]["utkface_test"]["groups"]
    assert {"age 60 and over", "race Black", "race Asian, female"} <= set(groups)
    assert all(len(g["accuracy"]["interval"]) == 2 for g in groups.values())
    assert any("identity" in limit for limit in card["limits"])
