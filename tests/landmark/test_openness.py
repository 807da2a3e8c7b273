"""Eyes and mouths that are drawn open, half open and shut."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import F32
from realtime.landmark.openness import eye_openness, mouth_openness
from realtime.landmark.topology import MARKS


def drawn(kind: int, right: float, left: float, mouth: float) -> F32:
    """Landmarks (1, k, 2) whose eyes and mouth have these ratios of height to width."""
    landmarks = np.zeros((1, kind, 2), np.float32)
    marks = MARKS[kind]
    for eye, ratio, x in ((marks.right_eye, right, 10), (marks.left_eye, left, 60)):
        h = ratio * 30 / 2
        shape = [(0, 0), (10, -h), (20, -h), (30, 0), (20, h), (10, h)]
        landmarks[0, list(eye)] = np.add(shape, (x, 20))
    landmarks[0, list(marks.mouth)] = [(30, 80), (70, 80)]
    for i, (upper, lower) in enumerate(marks.lips):
        landmarks[0, [upper, lower]] = [
            (40 + 10 * i, 80 - 20 * mouth),
            (40 + 10 * i, 80 + 20 * mouth),
        ]
    return landmarks


@pytest.mark.parametrize("kind", [468, 68])
@given(st.floats(0, 0.6), st.floats(0, 0.6), st.floats(0, 1), st.floats(0.2, 30), st.floats(-3, 3))
def test_what_is_drawn_is_measured_at_any_size_and_turn(
    kind: int, right: float, left: float, mouth: float, scale: float, angle: float
) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    landmarks = (drawn(kind, right, left, mouth) @ turn.T * scale + 300).astype(np.float32)
    assert eye_openness(landmarks)[0] == pytest.approx([right, left], abs=2e-3)
    assert mouth_openness(landmarks)[0] == pytest.approx(mouth, abs=2e-3)


@pytest.mark.parametrize("kind", [468, 68])
def test_no_faces_and_faces_on_one_spot(kind: int) -> None:
    none = np.zeros((0, kind, 2), np.float32)
    assert eye_openness(none).shape == (0, 2)
    assert mouth_openness(none).shape == (0,)
    spot = np.full((1, kind, 2), 5, np.float32)
    assert eye_openness(spot).tolist() == [[0, 0]]
    assert mouth_openness(spot).tolist() == [0]
