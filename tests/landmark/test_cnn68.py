"""The network of the 68 points: from sides of a crop to pixels and back, and on a turned face."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models
from realtime.core.arrays import Frame
from realtime.core.landmarks import CNN68, MESH468, Landmarks
from realtime.engine.networks import Networks
from realtime.landmark.cnn68 import NAME, Cnn68, in_frame, network_share
from realtime.landmark.region import region_matrices, regions_from_landmarks
from tests.builders import mesh_of
from tests.landmark.test_dlib68 import off
from training.landmarks.examples import points_in_crop


@given(
    st.floats(-200, 800), st.floats(-200, 800), st.floats(20, 900), st.floats(-3, 3),
    st.floats(-0.5, 0.5), st.floats(-0.5, 0.5),
)  # fmt: skip
def test_answers_are_placed_in_the_region(
    x: float, y: float, side: float, angle: float, right: float, down: float
) -> None:
    matrices = region_matrices(np.array([[x, y, side, angle]], np.float32), 112)
    answers = np.tile(np.array([right, down], np.float32), 68)[None]
    placed = in_frame(answers, matrices, 112)
    assert placed.shape == (1, 68, 2)
    cos, sin = np.cos(angle) * side, np.sin(angle) * side
    expected = [x + cos * right - sin * down, y + sin * right + cos * down]
    np.testing.assert_allclose(placed[0, 0], expected, atol=0.02)
    back = points_in_crop(placed[0], matrices[0]) / 112 - 0.5
    np.testing.assert_allclose(back.ravel(), answers[0], atol=0.002)


@pytest.mark.parametrize("degrees", [0, -25, 40])
def test_points_lie_on_a_turned_face(degrees: float, networks: Networks, astronaut: Frame) -> None:
    turn = cv2.getRotationMatrix2D((225, 120), degrees, 1)
    frame = np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8)
    mesh = mesh_of(networks, frame)
    found = Cnn68().from_mesh(frame, mesh)
    assert found.topology is CNN68
    assert off(found, mesh) < 0.1


def test_without_a_mesh_it_finds_its_own(networks: Networks, astronaut: Frame) -> None:
    mesh = mesh_of(networks, astronaut)
    found, presence = Cnn68()(astronaut, regions_from_landmarks(mesh))
    assert presence is not None
    assert presence[0] > 0.9
    assert off(found, mesh) < 0.1


def test_several_threads_give_the_same_points(networks: Networks, astronaut: Frame) -> None:
    one = mesh_of(networks, astronaut).points
    mesh = Landmarks(MESH468, np.concatenate([one * np.float32(1 + k / 100) for k in range(9)]))
    found = [Cnn68(threads=n).from_mesh(astronaut, mesh).points for n in (1, 2)]
    np.testing.assert_allclose(*found, atol=1e-3)


@pytest.mark.parametrize("share", ["", "share = 1.5", 'share = "half"'])
def test_card_without_a_valid_share_is_refused(share: str, tmp_path: Path) -> None:
    shutil.copytree(models.load(NAME).path.parent, tmp_path / NAME)
    card = tmp_path / NAME / models.CARD
    card.write_text(card.read_text().replace("share = 0.4", share))
    with pytest.raises(models.ModelError, match="the card must give share, from 0 to 1"):
        network_share(models.load(NAME, root=tmp_path))
