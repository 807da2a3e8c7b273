"""End-to-end training on a few dozen pictures, and resumed training."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import models
from realtime.attribute.registry import EMOTION
from realtime.inference.litert import LiteRTModel
from training.emotion.fer_labels import MAJORITY

ROOT = Path(__file__).resolve().parents[2]
VOTES = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
COLUMNS = [
    "path",
    "split",
    "fer2013_label",
    "ferplus_majority",
    *(f"votes_{v}" for v in [*VOTES, "contempt", "unknown", "NF"]),
    "also_in_test",
]

PLOTS = (
    "curves.png",
    *(f"{kind}-fer2013_private_test.png" for kind in ("confusion", "calibration", "risk")),
)

# Runs in a subprocess, to keep TensorFlow out of the other tests' process.
END_TO_END = """
import sys
from training.__main__ import main
arguments = "emotion --data data --out run --export out --epochs 1 --oval 0.5"
assert main(arguments.split()) == 0
sys.exit(main(["emotion", "--data", "nowhere"]))
"""
# Fits a small network for two epochs at once, and for one epoch plus a resumed one.
RESUMED = """
from dataclasses import replace
from pathlib import Path
import keras, numpy as np
from training.batches import Batches
from training.fit import FitConfig, Resume, fit
from training.networks import NetworkSpec, build

rng = np.random.default_rng(0)
crops = rng.integers(0, 256, (24, 8, 8, 1)).astype(np.uint8)
labels = np.eye(2, dtype=np.float32)[rng.integers(0, 2, 24)]
config = FitConfig(epochs=2, batch=8, precision="float32")

def run(folder, epochs, resume):
    keras.utils.set_random_seed(1)
    Path(folder).mkdir(exist_ok=True)
    state = Resume.read(Path(folder)) if resume else None
    batches = Batches(np.ones(24, np.float32), lambda rows, rng: (crops[rows], labels[rows]),
                      batch=8, seed=0, first_epoch=len(state.history) if state else 0)
    model = build(NetworkSpec(8, 1, 2, widths=(4, 4), blocks=(1,), dropout=0))
    settings = replace(config, epochs=epochs)
    return fit(model, batches, (crops.astype("float32"), labels), settings, Path(folder),
               state=state)

straight = run("straight", 2, False)
import training.fit as module
original = module.rate_factor  # use the schedule of two epochs in the first run too
module.rate_factor = lambda step, settings, losses: original(step, config, losses)
run("cut", 1, False)
resumed = run("cut", 2, True)
assert [row["epoch"] for row in resumed] == [1, 2]
for key in ("loss", "val_loss", "rate"):
    a, b = straight[1][key], resumed[1][key]
    assert abs(a - b) < 1e-5, (key, a, b)
arrays = [Resume.read(Path(name)).arrays for name in ("straight", "cut")]
for a, b in zip(*arrays):
    np.testing.assert_allclose(a, b, atol=1e-5)
"""

# Offset and temperature in the last layer equal those applied to the probabilities.
RESCALED = """
import keras, numpy as np
from training.calibration import apply_temperature
from training.networks import NetworkSpec, build
from training.calibrated import rescale

rng = np.random.default_rng(0)
crops = rng.integers(0, 256, (5, 8, 8, 1)).astype("float32")
for kind in ("residual", "plain", "separable"):
    model = build(NetworkSpec(8, 1, 3, widths=(4, 4, 8), blocks=(1, 2), kind=kind))
    before = model.predict(crops, verbose=0)
    rescale(model, (0.0, 0.5, -1.0), 2.0)
    shifted = before * np.exp((0.0, 0.5, -1.0))
    expected = apply_temperature(shifted / shifted.sum(axis=1, keepdims=True), 2.0)
    np.testing.assert_allclose(model.predict(crops, verbose=0), expected, atol=1e-5)
"""


def run_in_subprocess(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def small_fer(tmp_path: Path) -> Path:
    """A folder with data/fer2013.zip of 42 drawn faces, and expressions_oval.zip of seven."""
    table = io.StringIO()
    writer = csv.DictWriter(table, COLUMNS, restval=0)
    writer.writeheader()
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "data" / "fer2013.zip", "w") as archive:
        for i in range(42):
            split = ("train", "public_test", "private_test")[i % 3]
            name = VOTES[i % 7]
            face = rng.integers(60, 90, (48, 48)).astype(np.uint8)
            cv2.ellipse(face, (24, 24), (16, 21), 0, 0, 360, 170, -1)
            for x in (17, 31):
                cv2.circle(face, (x, 19), 2, 30, -1)
            cv2.ellipse(face, (24, 36), (7, 1 + i % 7), 0, 0, 360, 60, -1)
            path = f"{split}/fer{i:07d}.png"
            archive.writestr(f"fer2013/{path}", cv2.imencode(".png", face)[1].tobytes())
            row = {"path": path, "split": split, "ferplus_majority": name, f"votes_{name}": 8}
            row["fer2013_label"] = MAJORITY[name]
            writer.writerow(row)
        archive.writestr("fer2013/labels.csv", table.getvalue())
    with zipfile.ZipFile(tmp_path / "data" / "expressions_oval.zip", "w") as archive:
        face = cv2.ellipse(np.zeros((80, 80), np.uint8), (40, 40), (28, 36), 0, 0, 360, 150, -1)
        for label in EMOTION.labels:
            picture = cv2.imencode(".png", face)[1].tobytes()
            archive.writestr(f"expressions_oval/{label}/00000.png", picture)
    return tmp_path


@pytest.mark.timeout(900)  # slow on a busy machine
def test_run_from_pictures_to_a_model(small_fer: Path) -> None:
    assert set(VOTES) == set(MAJORITY)
    done = run_in_subprocess(END_TO_END, small_fer)
    assert done.returncode == 1, done.stderr[-3000:]
    assert done.stderr.rstrip().endswith("Data folder nowhere not found. Set it with --data.")
    assert "fer2013_private_test: 14 faces, accuracy" in done.stdout
    run = small_fer / "run"
    for file in (*PLOTS, "report.md", "metrics.json", "config.json"):
        assert (run / file).stat().st_size > 0
    model = models.load("emotion", root=small_fer / "out")
    assert model.card["training"]["command"].startswith("python -m training emotion --epochs 1 ")
    assert [name.split()[0] for name in model.card["training"]["sets"]] == [
        "FER-2013",
        "expressions_oval",
    ]
    (prob,) = LiteRTModel(model.path)(np.zeros((3, 48, 48, 1), np.float32))
    np.testing.assert_allclose(prob.sum(axis=1), 1, atol=1e-4)
    assert 0 < model.unsure.confidence <= 1
    assert model.unsure.masked_confidence is not None


@pytest.mark.timeout(240)
def test_resumed_run_equals_uninterrupted_run(tmp_path: Path) -> None:
    done = run_in_subprocess(RESUMED, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.timeout(240)
def test_rescale_equals_calibrated_probabilities(tmp_path: Path) -> None:
    done = run_in_subprocess(RESCALED, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
