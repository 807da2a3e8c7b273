"""Metrics of the mask network: their keys are part of the model card's format."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest

import models
from realtime.inference.litert import LiteRTModel
from training.crops import CropSpec
from training.data import DataError
from training.mask.evaluate import evaluate

SETS = ("mask_scenes_val_found", "mask_scenes_val", "wider_val_found", "wider_val")


@pytest.fixture
def data(tmp_path: Path, astronaut: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with one picture in mask_scenes.zip and wider_val.zip; the cache is empty."""
    monkeypatch.chdir(tmp_path)
    picture = cv2.imencode(".png", astronaut)[1].tobytes()
    scenes = "path,split,x0,y0,x1,y1,label\na.png,val,165,60,285,210,without_mask\n"
    wider = "path,x0,y0,x1,y1,invalid,occlusion,pose,illumination\na.png,165,60,285,210,0,0,0,0\n"
    for name, table in (("mask_scenes", scenes), ("wider_val", wider)):
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            archive.writestr(f"{name}/a.png", picture)
            archive.writestr(f"{name}/boxes.csv", io.StringIO(table).getvalue())
    return tmp_path


def test_metrics_have_the_keys_of_the_shipped_card(data: Path) -> None:
    model = models.load("mask")
    spec = CropSpec(model.side_px, model.zoom, gray=False)
    results = evaluate(LiteRTModel(model.path), spec, data, unsure=model.unsure)
    shipped = model.card["metrics"]
    for name in SETS:
        assert results.metrics[name]["n"] == 1
        assert set(results.metrics[name]) >= set(shipped[name])
        assert any(line.startswith(f"{name}: 1 face") for line in results.lines)
    assert results.metrics["mask_scenes_val_found"]["faces_boxed"] == 1


def test_missing_test_sets(tmp_path: Path) -> None:
    model = models.load("mask")
    spec = CropSpec(model.side_px, model.zoom, gray=False)
    with pytest.raises(DataError, match="contains none of the mask test sets: mask_scenes"):
        evaluate(LiteRTModel(model.path), spec, tmp_path)
