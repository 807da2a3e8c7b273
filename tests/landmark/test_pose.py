"""Head pose: rendered poses are recovered, and a mirror reverses yaw and roll."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from realtime.core.arrays import F32, Frame
from realtime.core.landmarks import MESH468, POINTS68, Landmarks, Topology
from realtime.engine.networks import Networks
from realtime.landmark.face_model import POINTS
from realtime.landmark.pose import estimated_camera, euler_deg, head_pose, rotation, solve
from tests.builders import SIZE_WH, mesh_of, posed_landmarks

topologies = [MESH468, POINTS68]


@given(
    st.floats(-75, 75),
    st.floats(-60, 60),
    st.floats(-179, 179),
    st.floats(-10, 10),
    st.floats(-8, 8),
    st.floats(40, 250),
    st.sampled_from(topologies),
)
def test_rendered_pose_is_recovered(
    yaw: float, pitch: float, roll: float, x: float, y: float, z: float, topology: Topology
) -> None:
    found = head_pose(
        posed_landmarks(yaw, pitch, roll, topology=topology, shift=(x, y, z)), SIZE_WH
    )
    assert found[0] == pytest.approx([yaw, pitch, roll], abs=0.3)


@given(st.floats(-60, 60), st.floats(-45, 45), st.floats(-80, 80))
def test_mirror_reverses_yaw_and_roll(yaw: float, pitch: float, roll: float) -> None:
    assume(abs(yaw) + abs(roll) > 1)
    points = posed_landmarks(yaw, pitch, roll).points
    flipped = points.copy()
    rigid = np.array(MESH468.measured.rigid)
    partners = rigid[[3, 2, 1, 0, 4, 5, 6, 7, 12, 11, 10, 9, 8]]
    flipped[:, rigid] = points[:, partners]
    flipped[..., 0] = SIZE_WH[0] - flipped[..., 0]
    mirrored = head_pose(Landmarks(MESH468, flipped), SIZE_WH)
    assert mirrored[0] == pytest.approx([-yaw, pitch, -roll], abs=0.3)


@given(st.floats(-89, 89), st.floats(-89, 89), st.floats(-179, 179))
def test_angles_and_rotations_convert_both_ways(yaw: float, pitch: float, roll: float) -> None:
    turn = rotation(yaw, pitch, roll)
    assert turn @ turn.T == pytest.approx(np.eye(3), abs=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1)
    assert euler_deg(turn) == pytest.approx((yaw, pitch, roll), abs=1e-4)


def test_signs_match_the_docstring() -> None:
    """Turned to its own left, a face's tip of the nose moves to the right of the picture."""
    tip, chin_side = 7, 10
    left = rotation(30, 0, 0) @ POINTS[tip]
    assert left[0] > 1
    up = rotation(0, 30, 0)
    assert (up @ POINTS[tip])[1] < POINTS[tip][1] - 1
    clockwise = rotation(0, 0, 30) @ POINTS[chin_side]
    assert clockwise[0] < -1


@pytest.mark.parametrize("topology", topologies, ids=lambda t: t.name)
def test_no_faces_and_degenerate_faces_have_no_pose(topology: Topology) -> None:
    assert head_pose(Landmarks.empty(topology), SIZE_WH).shape == (0, 3)
    spots = np.full((2, topology.count, topology.dimensions), 7, np.float32)
    spots[1] = np.nan
    assert np.isnan(head_pose(Landmarks(topology, spots), SIZE_WH)).all()
    line = np.zeros((13, 2))
    line[:, 0] = np.arange(13)
    turn = solve(line, estimated_camera(SIZE_WH))
    assert turn is None or np.isfinite(turn).all()


def test_a_real_face_and_its_mirror_image(networks: Networks, astronaut: Frame) -> None:
    def pose(frame: Frame) -> F32:
        return head_pose(mesh_of(networks, frame), (frame.shape[1], frame.shape[0]))[0]

    yaw, pitch, roll = pose(astronaut)
    mirrored = pose(np.ascontiguousarray(astronaut[:, ::-1]))
    assert mirrored == pytest.approx([-yaw, pitch, -roll], abs=4)
    turn = cv2.getRotationMatrix2D((225, 120), -20, 1)  # clockwise
    turned = pose(np.asarray(cv2.warpAffine(astronaut, turn, (512, 512)), np.uint8))
    assert turned[2] - roll == pytest.approx(20, abs=4)
