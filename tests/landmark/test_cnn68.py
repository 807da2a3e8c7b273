"""The network of the 68 points: from sides of a crop to pixels, and on a turned face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import Frame
from realtime.core.landmarks import CNN68
from realtime.engine.networks import Networks
from realtime.landmark.cnn68 import Cnn68, in_frame
from realtime.landmark.region import region_matrices, regions_from_landmarks
from tests.builders import mesh_of
from tests.landmark.test_dlib68 import off


@given(
    st.floats(-200, 800), st.floats(-200, 800), st.floats(20, 900), st.floats(-3, 3),
    st.floats(-0.5, 0.5), st.floats(-0.5, 0.5),
)  # fmt: skip
def test_answers_are_placed_in_the_region(
    x: float, y: float, side: float, angle: float, right: float, down: float
) -> None:
    regions = np.array([[x, y, side, angle]], np.float32)
    answers = np.tile(np.array([right, down], np.float32), 68)[None]
    placed = in_frame(answers, region_matrices(regions, 112), 112)
    assert placed.shape == (1, 68, 2)
    cos, sin = np.cos(angle) * side, np.sin(angle) * side
    expected = [x + cos * right - sin * down, y + sin * right + cos * down]
    np.testing.assert_allclose(placed[0, 0], expected, atol=0.02)


@pytest.mark.parametrize("degrees", [0, -25, 40])
def test_points_lie_on_a_turned_face(degrees: float, networks: Networks, astronaut: Frame) -> None:
    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    frame = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8)
    mesh = mesh_of(networks, frame)
    found, presence = Cnn68()(frame, regions_from_landmarks(mesh))
    assert presence is None
    assert found.topology is CNN68
    assert off(found, mesh) < 0.1


def test_several_threads_give_the_same_points(networks: Networks, astronaut: Frame) -> None:
    regions = np.repeat(regions_from_landmarks(mesh_of(networks, astronaut)), 9, axis=0)
    regions[:, 2] *= np.linspace(0.9, 1.1, 9, dtype=np.float32)
    one, two = (Cnn68(threads=n)(astronaut, regions)[0].points for n in (1, 2))
    np.testing.assert_allclose(one, two, atol=1e-3)
