"""Regions: the rotated squares that the mesh network sees."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.landmarks import MESH468, Landmarks
from realtime.landmark.region import (
    boxes_from_landmarks,
    region_matrices,
    regions_from_boxes,
    regions_from_landmarks,
)

place = st.floats(-500, 2000)


def test_no_faces_have_no_regions() -> None:
    assert regions_from_boxes(np.zeros((0, 4), np.float32)).shape == (0, 4)
    assert regions_from_landmarks(Landmarks.empty(MESH468)).shape == (0, 4)


@given(place, place, st.floats(4, 900), st.floats(-3.1, 3.1))
def test_matrix_keeps_the_centre_and_side_of_the_region(
    x: float, y: float, side: float, angle: float
) -> None:
    matrix = region_matrices(np.array([[x, y, side, angle]], np.float32), 192)[0]
    corners = np.array([[0, 0, 1], [192, 0, 1], [192, 192, 1], [96, 96, 1]], np.float32)
    a, b, c, centre = corners @ matrix.T
    assert centre == pytest.approx([x, y], abs=0.05)
    assert np.linalg.norm(b - a) == pytest.approx(side, rel=1e-3, abs=0.05)
    assert np.linalg.norm(c - b) == pytest.approx(side, rel=1e-3, abs=0.05)
    if side > 50:
        top = np.arctan2(*(b - a)[::-1])
        assert abs(np.angle(np.exp(1j * (top - angle)))) < 0.01


def test_tilted_eyes_rotate_the_region() -> None:
    keypoints = np.zeros((1, 6, 2), np.float32)
    keypoints[0, :2] = [[10, 10], [20, 20]]
    region = regions_from_boxes(np.array([[0, 0, 40, 20]], np.float32), keypoints)[0]
    assert region == pytest.approx([20, 10, 60, np.pi / 4])


def test_box_contains_all_landmarks() -> None:
    points = np.random.default_rng(0).normal(100, 30, (3, 468, 3)).astype(np.float32)
    boxes = boxes_from_landmarks(Landmarks(MESH468, points))
    assert (points[..., :2] >= boxes[:, None, :2]).all()
    assert (points[..., :2] <= boxes[:, None, 2:]).all()
