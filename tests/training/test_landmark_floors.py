"""The shipped landmark models reach their floors on helen test, and what their cards say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import models
from realtime.landmark import dlib68, mesh68
from realtime.landmark.dlib68 import shipped_predictor
from realtime.landmark.mesh68 import MeshTo68
from training.data import Archive
from training.landmarks.errors import face_errors
from training.landmarks.faces import Split, read_faces
from training.landmarks.regions import found_regions
from training.landmarks.trees import found_points

pytestmark = [pytest.mark.data, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def helen(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Split:
    """Helen test, its faces found anew, so that what is measured is the code as it stands."""
    faces = read_faces(data_dir, "test")
    assert len(faces) == 330
    with Archive(data_dir, "landmarks_300w") as archive, pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("cache"))
        found = found_regions(faces, "test", "blazeface-full", fingerprint=archive.fingerprint())
    return Split(faces, found)


@pytest.mark.parametrize(
    ("meshes", "source", "most"), [("landmarks", "detector", 0.042), ("own", "box", 0.042)]
)
def test_the_corrected_mesh(meshes: str, source: str, most: float, helen: Split) -> None:
    off = face_errors(MeshTo68.load()(helen.found[meshes]), helen.points).mean()
    assert off <= most
    told = models.load(mesh68.NAME, file=mesh68.FILE).card["metrics"]
    assert off == pytest.approx(told[f"helen_test_from_{source}"]["mean"]["value"], abs=0.001)


@pytest.mark.parametrize(("source", "most"), [("box", 0.048), ("mesh", 0.048), ("detector", 0.055)])
def test_dlibs_points(source: str, most: float, helen: Split) -> None:
    there = ~np.isnan(helen.found[source]).any(axis=1)
    assert there.mean() > 0.98
    faces = [face for face, seen in zip(helen.faces, there, strict=True) if seen]
    found = found_points(shipped_predictor(), faces, helen.found[source][there])
    off = face_errors(found, helen.points[there]).mean()
    assert off <= most
    told = models.load(dlib68.NAME, file=dlib68.FILE).card["metrics"]
    assert off == pytest.approx(told[f"helen_test_from_{source}"]["mean"]["value"], abs=0.001)
