"""Detections that arrive late are where their faces are now."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import Faces
from realtime.track.delayed import moved_on

BOX = (100.0, 100.0, 180.0, 200.0)


def boxes(*rows: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(rows, np.float32).reshape(-1, 4)


def test_nothing_detected_and_nobody_followed() -> None:
    assert len(moved_on(Faces.empty(), boxes(BOX), boxes(BOX))) == 0
    alone = Faces.from_boxes([BOX])
    assert moved_on(alone, boxes(), boxes()).xyxy.tolist() == [list(BOX)]


@given(st.floats(-300, 300), st.floats(-300, 300), st.floats(0.7, 1.4))
def test_a_detection_moves_with_its_face_and_keeps_its_size(
    x: float, y: float, grown: float
) -> None:
    centre, half = np.array([140 + x, 150 + y]), grown * np.array([40, 50])
    now = boxes((*(centre - half), *(centre + half)))
    points = np.array([[[120, 130], [160, 130], [140, 150], [125, 180], [155, 180]]], np.float32)
    detected = Faces.from_boxes([(105, 95, 175, 205)]).with_(keypoints=points)
    moved = moved_on(detected, boxes(BOX), now)
    np.testing.assert_allclose(moved.xyxy[0], [105 + x, 95 + y, 175 + x, 205 + y], atol=0.01)
    assert moved.keypoints is not None
    np.testing.assert_allclose(moved.keypoints - points, [[[x, y]] * 5], atol=0.01)


def test_a_new_face_stays_while_another_moves() -> None:
    new = (400.0, 100.0, 480.0, 200.0)
    moved = moved_on(Faces.from_boxes([BOX, new]), boxes(BOX), boxes((130, 90, 210, 190)))
    assert moved.xyxy.tolist() == [[130, 90, 210, 190], list(new)]
