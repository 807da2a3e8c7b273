"""`python -m training gender`, end to end: from a folder of pictures to both models."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

import models
from realtime.attribute.eigenfaces import FILE, EigenfaceClassifier
from realtime.core.faces import Frame
from realtime.inference.litert import LiteRTModel
from tests.training.test_smoke import run_in_subprocess
from training.gender.sources import LABELS, part_of

COUNTS = {"train": 16, "val": 6, "test": 5}  # pictures of each label
# Runs in a subprocess, to keep TensorFlow out of the other tests' process.
END_TO_END = """
import sys
from training.__main__ import main
sys.exit(main("gender --data data --out run --export out --epochs 1".split()))
"""
EVALUATION_PLOTS = tuple(f"{kind}-own_test.png" for kind in ("confusion", "calibration", "classes"))
PLOTS = {
    "eigenfaces": (*EVALUATION_PLOTS, "preparation.png", "eigenfaces.png", "variance.png"),
    "network": (*EVALUATION_PLOTS, "curves.png"),
}


@pytest.fixture
def pictures(tmp_path: Path, astronaut: Frame, hopper: Frame) -> Path:
    """A folder with `data` of one face as male and one as female, in varying light."""
    rng = np.random.default_rng(0)
    for label, face in zip(
        LABELS, (astronaut[20:230, 120:330], hopper[60:420, 90:450]), strict=True
    ):
        folder = tmp_path / "data" / label
        folder.mkdir(parents=True)
        missing = dict(COUNTS)
        for number in count():
            part = part_of(f"{number}.png")
            if not any(missing.values()):
                break
            if missing[part]:
                missing[part] -= 1
                lit = cv2.convertScaleAbs(
                    face, alpha=rng.uniform(0.8, 1.1), beta=rng.uniform(0, 20)
                )
                cv2.imwrite(str(folder / f"{number}.png"), cv2.resize(lit, (210, 210)))
    return tmp_path


@pytest.mark.timeout(600)
def test_folder_of_pictures_to_both_models(pictures: Path) -> None:
    done = run_in_subprocess(END_TO_END, pictures)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "10 faces, accuracy 1.0000" in done.stdout  # the eigenfaces separate the two faces
    for method, plots in PLOTS.items():
        for file in (*plots, "report.md", "metrics.json"):
            assert (pictures / "run" / method / file).stat().st_size > 0
    prepared = (pictures / "run/eigenfaces/missed.txt").read_text()
    assert prepared == ""
    results = json.loads((pictures / "run/network/metrics.json").read_text())
    assert results["metrics"]["own_test"]["n"] == 2 * COUNTS["test"]
    svm = EigenfaceClassifier(root=pictures / "out")
    assert svm.labels == LABELS
    model = models.load("gender", root=pictures / "out")
    (prob,) = LiteRTModel(model.path)(np.zeros((3, 48, 48, 3), np.float32))
    np.testing.assert_allclose(prob.sum(axis=1), 1, atol=1e-4)
    for card in (model.card, models.load("gender-svm", root=pictures / "out", file=FILE).card):
        assert card["training"]["sets"] == ["a folder of one's own pictures"]
        assert card["training"]["command"] == "python -m training gender --epochs 1 --export out"
