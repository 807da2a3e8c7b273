"""BlazeFace finds the faces of wheels, where they are, and nothing in empty pictures."""

import cv2
import numpy as np
import pytest

from realtime.detect import DETECTORS, create_detector
from realtime.detect.blazeface import FULL_RANGE, SHORT_RANGE, anchor_centres, letterbox
from realtime.faces import Frame

NAMES = list(DETECTORS)


@pytest.mark.parametrize(("spec", "count"), [(SHORT_RANGE, 896), (FULL_RANGE, 2304)])
def test_there_is_an_anchor_for_each_of_the_networks_outputs(spec, count) -> None:  # type: ignore[no-untyped-def]
    centres = anchor_centres(spec)
    assert centres.shape == (count, 2)
    assert centres.min() > 0
    assert centres.max() < spec.side


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (37, 900), (128, 128), (3000, 2000)])
def test_letterbox_maps_the_corners_into_the_square(shape: tuple[int, int]) -> None:
    frame = np.full((*shape, 3), 255, np.uint8)
    square, scale, (left, top) = letterbox(frame, 128)
    assert square.shape == (128, 128, 3)
    corner = (shape[1] * scale + left, shape[0] * scale + top)
    assert max(corner) == pytest.approx(128)
    assert square[64, 64].tolist() == [1, 1, 1]
    if shape[0] > 2 * shape[1]:
        assert square[64, 2].tolist() == [-1, -1, -1]


@pytest.mark.parametrize("name", NAMES)
def test_a_face_is_found_with_its_eyes(name: str, astronaut: Frame) -> None:
    faces = create_detector(name).detect(astronaut, min_score=0.5)
    assert len(faces) == 1
    x0, y0, x1, y1 = faces.xyxy[0]
    assert x0 < 225 < x1
    assert y0 < 120 < y1
    assert faces.keypoints is not None
    right_eye, left_eye = faces.keypoints[0, :2]
    assert right_eye[0] < left_eye[0]  # the person's right is on the picture's left


@pytest.mark.parametrize("name", NAMES)
def test_the_box_moves_with_the_picture(name: str, astronaut: Frame) -> None:
    detector = create_detector(name)
    at_home = detector.detect(astronaut, min_score=0.5).xyxy[0]
    padded = cv2.copyMakeBorder(astronaut, 100, 0, 150, 0, cv2.BORDER_CONSTANT)
    moved = detector.detect(np.asarray(padded, np.uint8), min_score=0.5).xyxy[0]
    np.testing.assert_allclose(moved - [150, 100, 150, 100], at_home, atol=12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_holds_no_face(name: str, level: int) -> None:
    frame = np.full((480, 640, 3), level, np.uint8)
    faces = create_detector(name).detect(frame, min_score=0.5)
    assert len(faces) == 0
    assert faces.keypoints is not None


def test_an_unknown_detector_is_named_with_the_choice() -> None:
    with pytest.raises(ValueError, match=r"no detector 'haar2': choose one of .*blazeface-full"):
        create_detector("haar2")
