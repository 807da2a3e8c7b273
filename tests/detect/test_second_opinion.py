"""A second detector confirms faces and rejects false positives."""

import numpy as np

from realtime.core.faces import Faces, Frame
from realtime.detect import create_detector
from realtime.detect.second_opinion import second_opinion


def test_face_is_confirmed_and_badge_is_rejected(astronaut: Frame) -> None:
    proposed = Faces.from_boxes([[178, 75, 273, 175], [135, 345, 185, 400], [450, 20, 480, 50]])
    scores = second_opinion(create_detector("blazeface-short"), astronaut, proposed)
    assert scores[0] > 0.8
    assert scores[1:].max() < 0.5


def test_boxes_outside_the_picture_score_zero(astronaut: Frame) -> None:
    detector = create_detector("blazeface-short")
    assert second_opinion(detector, astronaut, Faces.empty()).shape == (0,)
    outside = Faces.from_boxes([[-90, -90, -20, -20], [900, 900, 990, 990]])
    assert second_opinion(detector, astronaut, outside).tolist() == [0, 0]


def test_face_beside_the_proposed_box_does_not_count(astronaut: Frame) -> None:
    beside = Faces.from_boxes(np.array([[260, 75, 355, 175]]))
    scores = second_opinion(create_detector("blazeface-short"), astronaut, beside)
    assert scores[0] < 0.5
