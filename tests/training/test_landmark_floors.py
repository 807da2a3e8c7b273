"""The shipped landmark models meet their limits and the values of their cards on helen test."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models
from realtime.inference.litert import LiteRTModel
from realtime.landmark import cnn68, dlib68, mesh68
from realtime.landmark.dlib68 import shipped_predictor
from realtime.landmark.mesh68 import MeshTo68
from training.data import Archive
from training.landmarks.errors import face_errors
from training.landmarks.faces import Split, read_faces
from training.landmarks.network_step import NetworkConfig, predict_points
from training.landmarks.regions import detect_regions
from training.landmarks.trees import predict_points as predict_by_trees

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def helen(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Split:
    """Helen test, with regions detected by the current code rather than cached."""
    faces = read_faces(data_dir, "test")
    assert len(faces) == 330
    with Archive(data_dir, "landmarks_300w") as archive, pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("cache"))
        regions = detect_regions(faces, "test", "blazeface-full", fingerprint=archive.fingerprint())
    return Split(faces, regions)


@pytest.mark.parametrize(
    ("meshes", "source", "max_error"), [("landmarks", "detector", 0.042), ("own", "box", 0.042)]
)
def test_corrected_mesh(meshes: str, source: str, max_error: float, helen: Split) -> None:
    error = face_errors(MeshTo68.load()(helen.regions[meshes]), helen.points).mean()
    assert error <= max_error
    metrics = models.load(mesh68.NAME, file=mesh68.FILE).card["metrics"]
    assert error == pytest.approx(metrics[f"helen_test_from_{source}"]["mean"]["value"], abs=0.001)


@pytest.mark.parametrize(("meshes", "source"), [("landmarks", "detector"), ("own", "box")])
def test_network(meshes: str, source: str, helen: Split) -> None:
    model = models.load(cnn68.NAME)
    share = cnn68.network_share(model)
    predicted = predict_points(LiteRTModel(model.path), helen, meshes, NetworkConfig(), share)
    error = face_errors(predicted, helen.points).mean()
    assert error <= 0.038
    metrics = models.load(cnn68.NAME).card["metrics"]
    assert error == pytest.approx(metrics[f"helen_test_from_{source}"]["mean"]["value"], abs=0.001)


@pytest.mark.parametrize(
    ("source", "max_error"), [("box", 0.048), ("mesh", 0.048), ("detector", 0.055)]
)
def test_dlib_points(source: str, max_error: float, helen: Split) -> None:
    detected = ~np.isnan(helen.regions[source]).any(axis=1)
    assert detected.mean() > 0.98
    faces = [face for face, keep in zip(helen.faces, detected, strict=True) if keep]
    predicted = predict_by_trees(shipped_predictor(), faces, helen.regions[source][detected])
    error = face_errors(predicted, helen.points[detected]).mean()
    assert error <= max_error
    metrics = models.load(dlib68.NAME, file=dlib68.FILE).card["metrics"]
    assert error == pytest.approx(metrics[f"helen_test_from_{source}"]["mean"]["value"], abs=0.001)
