"""How well a face can be classified: its size, its yaw and the sharpness of its crop."""

import cv2
import numpy as np
import pytest

from realtime.attribute.quality import sharpness, side_px, yaw_deg
from realtime.core.arrays import Frame
from realtime.core.landmarks import MESH468, POINTS68, Landmarks
from realtime.engine.networks import Networks
from realtime.landmark.align import crop_matrices, cut_crops
from tests.builders import zero_landmarks


@pytest.fixture(scope="module")
def framed(astronaut: Frame) -> Frame:
    """The astronaut, the face in the middle, so that it may be mirrored."""
    return np.ascontiguousarray(astronaut[0:340, 55:395])


@pytest.fixture(scope="module")
def landmarks(networks: Networks, framed: Frame) -> Landmarks:
    region = np.array([[170, 123, 165, 0]], np.float32)
    return networks.mesh(framed, region)[0]


def crops(picture: Frame, landmarks: Landmarks) -> np.ndarray:
    return cut_crops(picture, crop_matrices(landmarks.five(), 48), 48)


def resized(landmarks: Landmarks, scale: float) -> Landmarks:
    return Landmarks(landmarks.topology, landmarks.points * np.float32(scale))


def turned(picture: Frame, part: float) -> Frame:
    """The head in the middle as if turned: over 0 the nose goes left, to the person's right."""
    rows, columns = (np.arange(side, dtype=np.float32) for side in picture.shape[:2])
    across = np.clip((columns - 170) / 60, -1, 1)
    x, y = np.meshgrid((columns + 60 * part * (1 - across**2)).astype(np.float32), rows)
    return np.asarray(cv2.remap(picture, x, y, cv2.INTER_LINEAR), np.uint8)


@pytest.mark.parametrize("part", [-0.3, 0.3])
def test_yaw_points_towards_the_nose_and_a_mirror_changes_its_sign(
    networks: Networks, framed: Frame, part: float
) -> None:
    picture = turned(framed, part)
    mirrored = np.ascontiguousarray(picture[:, ::-1])
    region = np.array([[170, 123, 165, 0]], np.float32)
    (yaw,), (other,) = (yaw_deg(networks.mesh(p, region)[0]) for p in (picture, mirrored))
    assert np.sign(yaw) == -np.sign(part)  # positive is turned to the person's left
    assert abs(yaw) > 4
    assert other == pytest.approx(-yaw, abs=3)


@pytest.mark.parametrize("degrees", [-80, -30, 0, 15, 60])
@pytest.mark.parametrize("roll", [0, 40, 180])
def test_yaw_of_a_flat_face_does_not_depend_on_its_roll(degrees: float, roll: float) -> None:
    mesh = zero_landmarks(MESH468)
    turn, tilt = np.radians(degrees), np.radians(roll)
    for k, side in ((33, -1), (263, 1)):
        x = side * 20 * np.cos(turn)
        mesh.points[0, k] = x * np.cos(tilt), x * np.sin(tilt), side * 20 * np.sin(turn)
    assert yaw_deg(mesh)[0] == pytest.approx(degrees, abs=1e-3)


def test_size_is_the_shorter_side_of_the_box(landmarks: Landmarks) -> None:
    low, high = landmarks.xy[0].min(axis=0), landmarks.xy[0].max(axis=0)
    assert side_px(landmarks)[0] == min(high - low)
    assert side_px(resized(landmarks, 3))[0] == pytest.approx(3 * side_px(landmarks)[0], rel=1e-5)
    assert side_px(landmarks[:0]).shape == yaw_deg(landmarks[:0]).shape == (0,)


def test_yaw_is_unknown_without_depth() -> None:
    assert np.isnan(yaw_deg(zero_landmarks(POINTS68, 2))).tolist() == [True, True]


def test_blur_lowers_sharpness(framed: Frame, landmarks: Landmarks) -> None:
    values = [sharpness(crops(framed, landmarks))[0]]
    for sigma in (2, 4, 8):
        blurred = np.asarray(cv2.GaussianBlur(framed, (0, 0), sigma), np.uint8)
        values.append(sharpness(crops(blurred, landmarks))[0])
    assert (np.diff(values) < 0).all()
    assert values[-1] < values[0] / 5


def test_small_faces_are_less_sharp(framed: Frame, landmarks: Landmarks) -> None:
    values = []
    for scale in (0.5, 0.25, 0.12):
        small = np.asarray(
            cv2.resize(framed, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
        )
        values.append(sharpness(crops(small, resized(landmarks, scale)))[0])
    assert (np.diff(values) < 0).all()
    assert values[-1] < values[0] / 2


def test_dim_light_hardly_changes_sharpness(framed: Frame, landmarks: Landmarks) -> None:
    cut = crops(framed, landmarks)
    bright, dim = sharpness(cut)[0], sharpness((cut * 0.6).astype(np.uint8))[0]
    assert dim == pytest.approx(bright, rel=0.12)


def test_gray_and_colour_crops_are_equally_sharp_and_uniform_ones_not_at_all(
    framed: Frame, landmarks: Landmarks
) -> None:
    cut = crops(framed, landmarks)
    gray = cv2.cvtColor(cut[0], cv2.COLOR_BGR2GRAY)[None, :, :, None]
    assert sharpness(gray)[0] == sharpness(cut)[0]
    assert sharpness(np.full((2, 48, 48, 1), 90, np.uint8)).tolist() == [0, 0]
    assert sharpness(cut[:0]).shape == (0,)
