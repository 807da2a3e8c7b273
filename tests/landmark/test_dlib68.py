"""dlib's 68 points: they agree with the mesh, also on rotated faces and from a custom file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.core.arrays import Frame
from realtime.core.landmarks import Landmarks
from realtime.engine.networks import Networks
from realtime.landmark.dlib68 import (
    FILE,
    NAME,
    Dlib68,
    crop_matrices,
    cut,
    regions_from_point_boxes,
    regions_from_points,
)
from realtime.landmark.mesh68 import mesh_as_68
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.registry import LANDMARKERS, create_landmarker
from realtime.landmark.shape_model import ShapeModel
from realtime.landmark.types import LandmarkFileError
from tests.builders import mesh_of


@pytest.fixture(scope="module")
def dlib68() -> Dlib68:
    return Dlib68()


@pytest.fixture(scope="module")
def users_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own model in dlib's format, in place of a user's file."""
    path = tmp_path_factory.mktemp("dlib") / "shape_predictor_68_face_landmarks.dat"
    path.write_bytes(ShapeModel.read(models.load(NAME, file=FILE).path).dlib_bytes())
    return path


def off(found: Landmarks, mesh: Landmarks) -> float:
    """Mean distance of two faces' points, over that of the eyes' outer corners."""
    true = mesh_as_68(mesh.points)
    distance = np.linalg.norm(true[0, 45] - true[0, 36])
    return float(np.linalg.norm(found.points - true, axis=2).mean() / distance)


@pytest.mark.parametrize("name", list(LANDMARKERS))
def test_every_landmarker_returns_nothing_without_regions(name: str, astronaut: Frame) -> None:
    landmarker = create_landmarker(name)
    landmarker.warm_up(1)
    found, _ = landmarker(astronaut, np.zeros((0, 4), np.float32))
    assert found.topology is landmarker.topology is LANDMARKERS[name].topology
    assert found.points.shape in ((0, 468, 3), (0, 68, 2))
    assert found.points.dtype == np.float32


def test_unknown_landmarker_error_lists_the_choices() -> None:
    with pytest.raises(ValueError, match="choose from mesh, mediapipe-mesh, cnn68, mesh68, dlib68"):
        create_landmarker("other")


@pytest.mark.parametrize("degrees", [0, -25, 40])
def test_dlib_and_the_mesh_agree_on_rotated_faces(
    degrees: float, dlib68: Dlib68, networks: Networks, astronaut: Frame
) -> None:
    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    frame = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8)
    mesh = mesh_of(networks, frame)
    found, presence = dlib68(frame, regions_from_landmarks(mesh))
    assert presence is None
    assert off(found, mesh) < 0.12


def test_each_face_of_two_has_the_same_points_as_alone(
    dlib68: Dlib68, networks: Networks, astronaut: Frame, hopper: Frame
) -> None:
    frame = np.hstack([astronaut, hopper[:512]])
    regions = regions_from_landmarks(mesh_of(networks, frame))
    both, _ = dlib68(frame, regions)
    for i in range(2):
        alone, _ = dlib68(frame, regions[[i]])
        np.testing.assert_array_equal(both.points[i], alone.points[0])


def test_regions_outside_the_frame_are_accepted(dlib68: Dlib68, astronaut: Frame) -> None:
    regions = np.array([[-300, -300, 100, 0], [505, 505, 400, 1], [0, 0, 1, 0]], np.float32)
    assert np.isfinite(dlib68(astronaut, regions)[0].points).all()


def test_crop_equals_that_of_the_whole_gray_frame(astronaut: Frame) -> None:
    matrix = crop_matrices(np.array([[225, 120, 200, 0.3]], np.float32))[0]
    gray = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    whole = cv2.warpAffine(gray, matrix, (128, 128), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(cut(astronaut, matrix).astype(int) - whole).max() <= 1


def test_custom_file_is_used(
    users_file: Path, dlib68: Dlib68, networks: Networks, astronaut: Frame
) -> None:
    mesh = mesh_of(networks, astronaut)
    own = create_landmarker("dlib68", file=users_file)
    found, _ = own(astronaut, regions_from_landmarks(mesh))
    assert off(found, mesh) < 0.25  # trained on other boxes, so it is less exact
    shipped, _ = dlib68(astronaut, regions_from_landmarks(mesh))
    assert not np.array_equal(found.points, shipped.points)


def test_unusable_file_is_explained(users_file: Path, tmp_path: Path) -> None:
    with pytest.raises(LandmarkFileError, match=r"There is no landmark file .*none\.dat\."):
        Dlib68(tmp_path / "none.dat")
    damaged = tmp_path / "damaged.dat"
    for data in (b"", b"no predictor", users_file.read_bytes()[:100_000]):
        damaged.write_bytes(data)
        with pytest.raises(LandmarkFileError, match="damaged: choose another file"):
            Dlib68(damaged)
    five = ShapeModel(
        np.linspace(0, 1, 10, dtype=np.float32),
        np.zeros((1, 2), np.uint8),
        np.zeros((1, 2, 2), np.float32),
        np.zeros((1, 1, 1, 2), np.uint16),
        np.zeros((1, 1, 1), np.float32),
        np.zeros((1, 1, 2, 10), np.float32),
    )
    damaged.write_bytes(five.dlib_bytes())
    with pytest.raises(LandmarkFileError, match="finds 5 points, not 68"):
        Dlib68(damaged)


angles = st.floats(-3.0, 3.0)


@given(angles, st.floats(20, 800), st.floats(-500, 2000), st.floats(-500, 2000))
def test_region_moves_rotates_and_scales_with_the_points(
    angle: float, scale: float, x: float, y: float
) -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.5, 0.5, (68, 2))
    points[36], points[45] = (-0.3, -0.2), (0.3, -0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plain = regions_from_points((points * 100)[None].astype(np.float32))[0]
    moved = regions_from_points((points @ turn.T * scale + [x, y])[None].astype(np.float32))[0]
    assert moved[2] == pytest.approx(plain[2] * scale / 100, rel=1e-3)
    assert abs(np.angle(np.exp(1j * (moved[3] - angle)))) < 1e-3
    expected = turn @ plain[:2] / 100 * scale + [x, y]
    np.testing.assert_allclose(moved[:2], expected, atol=0.01 * scale)


def test_box_around_upright_points_gives_the_same_region() -> None:
    points = np.random.default_rng(1).uniform(100, 300, (1, 68, 2)).astype(np.float32)
    points[0, 36], points[0, 45] = (150, 180), (250, 180)
    box = np.concatenate([points[0].min(axis=0), points[0].max(axis=0)])
    np.testing.assert_allclose(
        regions_from_point_boxes(box[None]), regions_from_points(points), rtol=1e-4
    )
