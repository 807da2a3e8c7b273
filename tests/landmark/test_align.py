"""Alignment: crops do not depend on where and how large a face is, or how it is rotated."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import Frame
from realtime.engine.networks import Networks
from realtime.landmark.align import TEMPLATE, crop_matrices, cut_crops
from tests.builders import mesh_of


@given(
    st.floats(-180, 180),
    st.floats(0.1, 20),
    st.floats(-1000, 1000),
    st.floats(-1000, 1000),
    st.sampled_from([1.0, 0.8, 1.3]),
)
def test_alignment_undoes_any_similarity_of_the_template(
    degrees: float, scale: float, x: float, y: float, zoom: float
) -> None:
    angle = np.radians(degrees)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = ((TEMPLATE * 64) @ turn.T * scale + [x, y]).astype(np.float32)
    matrix = crop_matrices(points[None], 48, zoom=zoom)[0]
    landed = points @ matrix[:, :2].T + matrix[:, 2]
    expected = ((TEMPLATE - 0.5) * zoom + 0.5) * 48
    np.testing.assert_allclose(landed, expected, atol=0.1)


def test_no_faces_give_no_crops() -> None:
    matrices = crop_matrices(np.zeros((0, 5, 2), np.float32), 48)
    assert cut_crops(np.zeros((9, 9, 3), np.uint8), matrices, 48).shape == (0, 48, 48, 3)


def test_coincident_points_still_give_a_crop() -> None:
    matrices = crop_matrices(np.full((1, 5, 2), 7, np.float32), 48)
    assert cut_crops(np.zeros((9, 9, 3), np.uint8), matrices, 48).shape == (1, 48, 48, 3)


@pytest.mark.parametrize("degrees", [-30, 20])
def test_a_turned_face_gives_the_upright_crop(
    degrees: float, astronaut: Frame, networks: Networks
) -> None:
    def crop(frame: Frame) -> Frame:
        five = mesh_of(networks, frame).five()
        return cut_crops(frame, crop_matrices(five, 48), 48)[0]

    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    turned = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8)
    difference = np.abs(crop(astronaut).astype(int) - crop(turned)).mean()
    assert difference < 12  # of 255; a crop of another place differs by 40 and more
