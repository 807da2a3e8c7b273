"""Detected crops: matching to ground truth, and what the cached crops depend on."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import models
from realtime.core.faces import F32, Frame
from training import detected_crops
from training.crops import Arrays, Cropper, CropSpec
from training.detected_crops import DETECTOR, SAME_FACE_IOU, DetectedCropper, match
from training.mask import sets

TRUE = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], np.float32)
SPEC = CropSpec(16, 1.0, gray=False)


def test_match_without_detections_or_true_boxes() -> None:
    none = np.zeros((0, 4), np.float32)
    assert match(none, TRUE).tolist() == []
    assert match(TRUE, none).tolist() == [-1, -1]


def test_each_true_box_matches_its_best_detection() -> None:
    boxes = [[1, 1, 11, 11], [0, 0, 10, 10], [20, 1, 30, 11], [50, 50, 60, 60]]
    assert match(np.array(boxes, np.float32), TRUE).tolist() == [-1, 0, 1, -1]


boxes = arrays(np.float32, st.tuples(st.integers(0, 6), st.just(4)), elements=st.integers(0, 40))


@given(boxes, boxes)
def test_matches_are_one_to_one_and_overlap(detected: F32, true: F32) -> None:
    from realtime.core.geometry import iou

    for b in (detected, true):
        b[:, 2:] += b[:, :2] + 1
    result = match(detected, true)
    matched = result[result >= 0]
    assert len(set(matched.tolist())) == len(matched)
    for i, k in enumerate(result):
        if k >= 0:
            assert iou(detected[[i]], true[[k]])[0, 0] >= SAME_FACE_IOU


@pytest.fixture
def scenes_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with a mask_scenes.zip of one picture with one box; the cache is empty."""
    monkeypatch.chdir(tmp_path)
    picture = cv2.imencode(".png", np.zeros((64, 64, 3), np.uint8))[1].tobytes()
    table = io.StringIO("path,split,x0,y0,x1,y1,label\na.png,val,8,8,56,56,with_mask\n")
    with zipfile.ZipFile(tmp_path / "mask_scenes.zip", "w") as archive:
        archive.writestr("mask_scenes/a.png", picture)
        archive.writestr("mask_scenes/boxes.csv", table.getvalue())
    return tmp_path


def retrain_detector(folder: Path) -> Path:
    """A models folder whose detector has other weights, with the matching hash in its card."""
    detector = folder / "detector"
    shutil.copytree(models.ROOT / "detector", detector)
    shutil.copytree(models.ROOT / "mesh", folder / "mesh")
    before = models.card("detector")["sha256"]
    weights = detector / models.NETWORK
    weights.write_bytes(weights.read_bytes() + b"retrained")
    card = detector / models.CARD
    after = detected_crops.sha256_of([weights])
    card.write_text(card.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    return folder


def test_new_detector_weights_make_new_crops(
    scenes_zip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    class CountingCropper(Cropper):
        def __call__(self, picture: Frame, boxes: F32) -> Arrays:
            runs.append(len(boxes))
            return super().__call__(picture, boxes)

    monkeypatch.setattr(sets, "DetectedCropper", CountingCropper)
    for _ in range(2):
        sets.scenes(scenes_zip, "val", SPEC, detected=True)
    assert len(runs) == 1  # cached
    monkeypatch.setattr(models, "ROOT", retrain_detector(scenes_zip / "models"))
    sets.scenes(scenes_zip, "val", SPEC, detected=True)
    assert len(runs) == 2


def test_the_detector_in_use_is_in_the_cache_key(
    astronaut: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    from realtime.engine import networks

    created = set()
    create = networks.create_detector

    def record(name: str, *, threads: int = 1) -> object:
        created.add(name)
        return create(name, threads=threads)

    monkeypatch.setattr(networks, "create_detector", record)
    cut = DetectedCropper(SPEC)(astronaut, np.array([[165, 60, 285, 210]], np.float32))
    assert len(cut["crops"]) == 1
    assert created == {DETECTOR}
