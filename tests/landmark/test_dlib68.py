"""dlib's 68 points: where the mesh sees them too, on turned faces, and from a user's own file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.core.faces import F32, Frame
from realtime.engine.networks import Networks
from realtime.landmark.dlib68 import (
    FILE,
    NAME,
    Dlib68,
    crop_matrices,
    cut,
    regions_about,
    regions_from_point_boxes,
)
from realtime.landmark.region import regions_from_boxes, regions_from_landmarks
from realtime.landmark.registry import LANDMARKERS, create_landmarker
from realtime.landmark.shape_model import ShapeModel
from realtime.landmark.topology import mesh_as_68
from realtime.landmark.types import LandmarkFileError


@pytest.fixture(scope="module")
def dlib68() -> Dlib68:
    return Dlib68()


@pytest.fixture(scope="module")
def users_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own model as dlib's file: it stands for one that a user has."""
    path = tmp_path_factory.mktemp("dlib") / "shape_predictor_68_face_landmarks.dat"
    path.write_bytes(ShapeModel.read(models.load(NAME, file=FILE).path).dlib_bytes())
    return path


def mesh_of(networks: Networks, frame: Frame) -> F32:
    faces = networks.detector("blazeface-full").detect(frame, min_score=0.5)
    landmarks, _ = networks.mesh(frame, regions_from_boxes(faces.xyxy, faces.keypoints))
    return landmarks


def off(points: F32, mesh: F32) -> float:
    """Mean distance of two faces' points, over that of the eyes' outer corners."""
    true = mesh_as_68(mesh)
    distance = np.linalg.norm(true[0, 45] - true[0, 36])
    return float(np.linalg.norm(points - true, axis=2).mean() / distance)


@pytest.mark.parametrize("name", list(LANDMARKERS))
def test_every_landmarker_gives_nothing_for_nobody(name: str, astronaut: Frame) -> None:
    landmarker = create_landmarker(name)
    landmarker.warm_up(1)
    points, _ = landmarker(astronaut, np.zeros((0, 4), np.float32))
    assert points.shape in ((0, 468, 3), (0, 68, 2))
    assert points.dtype == np.float32


def test_an_unknown_landmarker_is_named() -> None:
    with pytest.raises(ValueError, match="choose from mesh, dlib68"):
        create_landmarker("other")


@pytest.mark.parametrize("degrees", [0, -25, 40])
def test_dlib_and_the_mesh_agree_also_on_a_turned_face(
    degrees: float, dlib68: Dlib68, networks: Networks, astronaut: Frame
) -> None:
    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    frame = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8)
    mesh = mesh_of(networks, frame)
    points, presence = dlib68(frame, regions_from_landmarks(mesh))
    assert presence is None
    assert off(points, mesh) < 0.12


def test_two_faces_at_once_are_found_as_each_alone(
    dlib68: Dlib68, networks: Networks, astronaut: Frame, hopper: Frame
) -> None:
    frame = np.hstack([astronaut, hopper[:512]])
    regions = regions_from_landmarks(mesh_of(networks, frame))
    both, _ = dlib68(frame, regions)
    for i in range(2):
        np.testing.assert_array_equal(both[i], dlib68(frame, regions[[i]])[0][0])


def test_a_region_beyond_the_frame_is_no_error(dlib68: Dlib68, astronaut: Frame) -> None:
    regions = np.array([[-300, -300, 100, 0], [505, 505, 400, 1], [0, 0, 1, 0]], np.float32)
    assert np.isfinite(dlib68(astronaut, regions)[0]).all()


def test_the_crop_is_the_same_however_much_of_the_frame_is_gray(astronaut: Frame) -> None:
    matrix = crop_matrices(np.array([[225, 120, 200, 0.3]], np.float32))[0]
    gray = cv2.cvtColor(astronaut, cv2.COLOR_BGR2GRAY)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    whole = cv2.warpAffine(gray, matrix, (128, 128), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    assert np.abs(cut(astronaut, matrix).astype(int) - whole).max() <= 1


def test_a_users_file_is_used(
    users_file: Path, dlib68: Dlib68, networks: Networks, astronaut: Frame
) -> None:
    mesh = mesh_of(networks, astronaut)
    own = create_landmarker("dlib68", file=users_file)
    points, _ = own(astronaut, regions_from_landmarks(mesh))
    assert off(points, mesh) < 0.25  # trained about other boxes, so it is less exact
    assert not np.array_equal(points, dlib68(astronaut, regions_from_landmarks(mesh))[0])


def test_a_wrong_file_is_told_in_a_sentence(users_file: Path, tmp_path: Path) -> None:
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
def test_the_region_about_points_moves_and_turns_with_them(
    angle: float, scale: float, x: float, y: float
) -> None:
    rng = np.random.default_rng(0)
    points = rng.uniform(-0.5, 0.5, (68, 2))
    points[36], points[45] = (-0.3, -0.2), (0.3, -0.2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plain = regions_about((points * 100)[None].astype(np.float32))[0]
    moved = regions_about((points @ turn.T * scale + [x, y])[None].astype(np.float32))[0]
    assert moved[2] == pytest.approx(plain[2] * scale / 100, rel=1e-3)
    assert abs(np.angle(np.exp(1j * (moved[3] - angle)))) < 1e-3
    expected = turn @ plain[:2] / 100 * scale + [x, y]
    np.testing.assert_allclose(moved[:2], expected, atol=0.01 * scale)


def test_a_box_about_upright_points_gives_the_same_region() -> None:
    points = np.random.default_rng(1).uniform(100, 300, (1, 68, 2)).astype(np.float32)
    points[0, 36], points[0, 45] = (150, 180), (250, 180)
    box = np.concatenate([points[0].min(axis=0), points[0].max(axis=0)])
    np.testing.assert_allclose(
        regions_from_point_boxes(box[None]), regions_about(points), rtol=1e-4
    )
