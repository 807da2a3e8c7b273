"""The whole way from zips to a shipped model on a few dozen pictures, resumed once."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import models
from realtime.litert import LiteRTModel
from training.fer import MAJORITY

ROOT = Path(__file__).resolve().parents[2]
VOTES = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear"]
COLUMNS = [
    "path",
    "split",
    "ferplus_majority",
    *(f"votes_{v}" for v in [*VOTES, "contempt", "unknown", "NF"]),
    "also_in_test",
]

# One interpreter for all three runs: importing the training stack is most of the time.
SCRIPT = """
import sys
from training.__main__ import main
common = ["emotion", "--data", "data", "--out", "run", "--export", "shipped"]
assert main([*common, "--epochs", "1"]) == 0
assert main([*common, "--epochs", "2", "--resume"]) == 0
sys.exit(main(["emotion", "--data", "nowhere"]))
"""


@pytest.fixture
def small_fer(tmp_path: Path) -> Path:
    """A folder in which data/fer2013.zip holds 42 drawn faces."""
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
            writer.writerow(row)
        archive.writestr("fer2013/labels.csv", table.getvalue())
    return tmp_path


@pytest.mark.timeout(240)
def test_a_run_goes_from_pictures_to_a_model_that_loads(small_fer: Path) -> None:
    assert set(VOTES) == set(MAJORITY)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=small_fer,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr[-3000:]
    assert done.stderr.rstrip().endswith("no data folder nowhere; name it with --data.")
    assert "private_test: 14 faces, accuracy" in done.stdout
    run = small_fer / "run"
    assert [row["epoch"] for row in json.loads((run / "history.json").read_text())] == [1, 2]
    for file in ("curves.png", "confusion-fer2013_private_test.png", "metrics.json", "config.json"):
        assert (run / file).stat().st_size > 0
    model = models.load("emotion", root=small_fer / "shipped")
    assert model.card["training"]["command"].startswith("python -m training emotion --epochs 2")
    (prob,) = LiteRTModel(model.path)(np.zeros((3, 48, 48, 1), np.float32))
    np.testing.assert_allclose(prob.sum(axis=1), 1, atol=1e-4)
