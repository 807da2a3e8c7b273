"""Head pose: what is rendered is read back, and a mirror turns yaw and roll round."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from realtime.core.faces import F32, Frame
from realtime.engine.networks import Networks
from realtime.landmark.face_model import POINTS
from realtime.landmark.pose import euler_deg, guessed_camera, head_pose, rotation, solve
from realtime.landmark.region import regions_from_boxes
from realtime.landmark.topology import MARKS

SIZE = (640, 480)


def rendered(
    yaw: float, pitch: float, roll: float, *, kind: int = 468, shift: tuple[float, ...] = (0, 0, 60)
) -> F32:
    """Landmarks (1, k, d) of the mean face, turned so and seen by the guessed camera."""
    placed = POINTS @ rotation(yaw, pitch, roll).T + shift
    seen = placed @ guessed_camera(SIZE).T
    landmarks = np.zeros((1, kind, 3 if kind == 468 else 2), np.float32)
    landmarks[0, MARKS[kind].rigid, :2] = seen[:, :2] / seen[:, 2:]
    return landmarks


@given(
    st.floats(-75, 75),
    st.floats(-60, 60),
    st.floats(-179, 179),
    st.floats(-10, 10),
    st.floats(-8, 8),
    st.floats(40, 250),
    st.sampled_from([468, 68]),
)
def test_what_is_rendered_is_read_back(
    yaw: float, pitch: float, roll: float, x: float, y: float, z: float, kind: int
) -> None:
    found = head_pose(rendered(yaw, pitch, roll, kind=kind, shift=(x, y, z)), SIZE)
    assert found[0] == pytest.approx([yaw, pitch, roll], abs=0.3)


@given(st.floats(-60, 60), st.floats(-45, 45), st.floats(-80, 80))
def test_a_mirror_turns_yaw_and_roll_round(yaw: float, pitch: float, roll: float) -> None:
    assume(abs(yaw) + abs(roll) > 1)
    landmarks = rendered(yaw, pitch, roll)
    flipped = landmarks.copy()
    rigid = np.array(MARKS[468].rigid)
    partners = rigid[[3, 2, 1, 0, 4, 5, 6, 7, 12, 11, 10, 9, 8]]
    flipped[:, rigid] = landmarks[:, partners]
    flipped[..., 0] = SIZE[0] - flipped[..., 0]
    assert head_pose(flipped, SIZE)[0] == pytest.approx([-yaw, pitch, -roll], abs=0.3)


@given(st.floats(-89, 89), st.floats(-89, 89), st.floats(-179, 179))
def test_angles_and_rotations_are_two_ways_of_saying_the_same(
    yaw: float, pitch: float, roll: float
) -> None:
    turn = rotation(yaw, pitch, roll)
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert euler_deg(turn) == pytest.approx((yaw, pitch, roll), abs=1e-4)


def test_signs_are_those_that_the_docstring_gives() -> None:
    """Turned to its own left, a face's tip of the nose moves to the right of the picture."""
    tip, chin_side = 7, 10
    left = rotation(30, 0, 0) @ POINTS[tip]
    assert left[0] > 1
    up = rotation(0, 30, 0)
    assert (up @ POINTS[tip])[1] < POINTS[tip][1] - 1
    clockwise = rotation(0, 0, 30) @ POINTS[chin_side]
    assert clockwise[0] < -1


@pytest.mark.parametrize("kind", [468, 68])
def test_no_faces_have_no_pose_and_a_spot_has_none(kind: int) -> None:
    depth = 3 if kind == 468 else 2
    assert head_pose(np.zeros((0, kind, depth), np.float32), SIZE).shape == (0, 3)
    spots = np.full((2, kind, depth), 7, np.float32)
    spots[1] = np.nan
    assert np.isnan(head_pose(spots, SIZE)).all()
    line = np.zeros((13, 2))
    line[:, 0] = np.arange(13)
    turn = solve(line, guessed_camera(SIZE))
    assert turn is None or np.isfinite(turn).all()


def test_a_real_face_and_its_mirror_image(networks: Networks, astronaut: Frame) -> None:
    def pose(frame: Frame) -> F32:
        faces = networks.detector("blazeface-full").detect(frame, min_score=0.5)
        landmarks, _ = networks.mesh(frame, regions_from_boxes(faces.xyxy, faces.keypoints))
        return head_pose(landmarks, (frame.shape[1], frame.shape[0]))[0]

    yaw, pitch, roll = pose(astronaut)
    mirrored = pose(np.ascontiguousarray(astronaut[:, ::-1]))
    assert mirrored == pytest.approx([-yaw, pitch, -roll], abs=4)
    turn = cv2.getRotationMatrix2D((225, 120), -20, 1)  # clockwise
    turned = pose(np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8))
    assert turned[2] - roll == pytest.approx(20, abs=4)
