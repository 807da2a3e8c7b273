"""BlazeFace: anchors, letterboxing, key points. test_detectors.py covers its detections."""

import numpy as np
import pytest

from realtime.core.faces import Frame
from realtime.detect import create_detector
from realtime.detect.blazeface import (
    KEYPOINTS,
    SPECS,
    anchor_centres,
    letterbox,
)


@pytest.mark.parametrize(("name", "count"), [("short", 896), ("full", 2304)])
def test_each_network_output_has_an_anchor(name: str, count: int) -> None:
    spec = SPECS[name]
    centres = anchor_centres(spec)
    assert centres.shape == (count, 2)
    assert centres.min() > 0
    assert centres.max() < spec.side_px


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (37, 900), (128, 128), (3000, 2000)])
def test_letterbox_fits_the_picture_into_the_square(shape: tuple[int, int]) -> None:
    frame = np.full((*shape, 3), 255, np.uint8)
    square, scale, (left, top) = letterbox(frame, 128)
    assert square.shape == (128, 128, 3)
    corner = (shape[1] * scale + left, shape[0] * scale + top)
    assert max(corner) == pytest.approx(128)
    assert square[64, 64].tolist() == [1, 1, 1]
    if shape[0] > 2 * shape[1]:
        assert square[64, 2].tolist() == [-1, -1, -1]


@pytest.mark.parametrize("name", ["blazeface-full", "blazeface-short"])
def test_faces_have_six_key_points(name: str, astronaut: Frame) -> None:
    faces = create_detector(name).detect(astronaut, min_score=0.5)
    assert len(faces) == 1
    assert faces.keypoints is not None
    assert faces.keypoints.shape == (1, KEYPOINTS, 2)
    empty = create_detector(name).detect(np.zeros((90, 90, 3), np.uint8), min_score=0.5)
    assert empty.keypoints is not None
    assert empty.keypoints.shape == (0, KEYPOINTS, 2)
