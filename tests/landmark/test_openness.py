"""Openness: eyes and mouths drawn open, half open and closed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.landmarks import MESH468, POINTS68, Landmarks, Topology
from realtime.landmark.openness import eye_openness, mouth_openness
from tests.builders import landmarks_from_xy, open_points

topologies = pytest.mark.parametrize("topology", [MESH468, POINTS68], ids=lambda t: t.name)


@topologies
@given(st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0, 1), st.floats(0.2, 30), st.floats(-3, 3))
def test_what_is_drawn_is_measured_at_any_size_and_turn(
    topology: Topology, right: float, left: float, mouth: float, scale: float, angle: float
) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = open_points(topology, right, left, mouth) @ turn.T * scale + 300
    landmarks = landmarks_from_xy(topology, points)
    assert eye_openness(landmarks)[0] == pytest.approx([right, left], abs=2e-3)
    assert mouth_openness(landmarks)[0] == pytest.approx(mouth, abs=2e-3)


@topologies
def test_no_faces_and_degenerate_faces_have_zero_openness(topology: Topology) -> None:
    none = Landmarks.empty(topology)
    assert eye_openness(none).shape == (0, 2)
    assert mouth_openness(none).shape == (0,)
    spot = landmarks_from_xy(topology, np.full((1, topology.count, 2), 5, np.float32))
    assert eye_openness(spot).tolist() == [[0, 0]]
    assert mouth_openness(spot).tolist() == [0]
