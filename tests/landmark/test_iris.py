"""Gaze: drawn irises, and the eyes of a clip labelled by eye."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import Frame
from realtime.core.landmarks import MESH468, Landmarks
from realtime.engine.networks import Networks
from realtime.landmark.iris import RIGHT, WIDTH_OVER_RADIUS, IrisNetwork, eye_angles, eye_regions
from realtime.video import VideoReader
from tests.builders import mesh_of


@pytest.fixture(scope="module")
def iris() -> IrisNetwork:
    return IrisNetwork()


@given(st.floats(-60, 60), st.floats(-60, 60), st.floats(-3, 3), st.floats(5, 200))
def test_what_is_drawn_is_measured_at_any_size_and_turn(
    left: float, up: float, angle: float, width: float
) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    middle = np.sin(np.radians([left, -up])) / WIDTH_OVER_RADIUS
    points = np.array([[-0.5, 0], [0.5, 0], middle]) @ turn.T * width + 300
    found = eye_angles(points[None, :2].astype(np.float32), points[None, 2].astype(np.float32))
    assert found[0] == pytest.approx([left, up], abs=0.5)


def test_iris_outside_the_eye_and_degenerate_eye_give_finite_angles() -> None:
    corners = np.array([[[0, 0], [10, 0]], [[5, 5], [5, 5]]], np.float32)
    found = eye_angles(corners, np.array([[99, 0], [5, 5]], np.float32))
    assert 60 < found[0, 0] < 90
    assert np.isfinite(found).all()


def test_region_is_centred_on_the_eye() -> None:
    landmarks = np.zeros((1, 468, 3), np.float32)
    landmarks[0, RIGHT[0], :2], landmarks[0, RIGHT[1], :2] = (10, 20), (30, 40)
    region = eye_regions(landmarks, RIGHT)[0]
    assert region == pytest.approx([20, 30, 2.3 * 800**0.5, np.pi / 4], rel=1e-5)


def test_no_faces_have_no_gaze(iris: IrisNetwork, astronaut: Frame) -> None:
    assert iris(astronaut, Landmarks.empty(MESH468)).shape == (0, 2)


def test_each_face_of_two_has_the_same_gaze_as_alone(
    iris: IrisNetwork, networks: Networks, astronaut: Frame, hopper: Frame
) -> None:
    frame = np.hstack([astronaut, hopper[:512]])
    mesh = mesh_of(networks, frame, passes=2)
    both = iris(frame, mesh)
    assert (np.abs(both) < 25).all()
    for i in range(2):
        np.testing.assert_allclose(iris(frame, mesh[[i]])[0], both[i], atol=0.5)


@pytest.mark.data
def test_gaze_follows_the_eyes_and_a_mirror_reverses_it(
    iris: IrisNetwork, networks: Networks, data_dir: Path
) -> None:
    """By eye: at 185 straight ahead, at 205 to her right, at 330 to her left."""
    seen = {}
    with VideoReader(data_dir / "clips" / "expressions_woman.mp4") as reader:
        for frame in reader:
            if frame.number in (185, 205, 330):
                picture = frame.frame_bgr
                mirror = np.ascontiguousarray(picture[:, ::-1])
                seen[frame.number] = tuple(
                    iris(p, mesh_of(networks, p, passes=2))[0] for p in (picture, mirror)
                )
    assert abs(seen[185][0][0]) < 8
    assert seen[205][0][0] < -12
    assert seen[330][0][0] > 15
    for plain, mirrored in seen.values():
        assert mirrored[0] == pytest.approx(-plain[0], abs=8)
        assert mirrored[1] == pytest.approx(plain[1], abs=8)


@pytest.mark.parametrize("count", range(1, 18))
def test_any_number_of_faces_is_measured(
    iris: IrisNetwork, networks: Networks, astronaut: Frame, count: int
) -> None:
    mesh = mesh_of(networks, astronaut)
    (alone,) = iris(astronaut, mesh)
    gaze = iris(astronaut, mesh[np.zeros(count, int)])
    assert gaze.shape == (count, 2)
    np.testing.assert_allclose(gaze, np.tile(alone, (count, 1)), atol=1)
