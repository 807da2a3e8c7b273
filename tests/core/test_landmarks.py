"""Landmarks and topologies: checked on creation, and true to MediaPipe's and dlib's numbering."""

from __future__ import annotations

import runpy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from realtime.core.landmarks import FIVE, MESH468, POINTS68, Landmarks, Topology
from realtime.inference.mediapipe_files import FACE_MESH, network_path
from realtime.landmark.face_model import POINTS
from tests.builders import zero_landmarks
from tests.core.strategies import TOPOLOGIES, counts, indices, landmarks_of

topologies = pytest.mark.parametrize("topology", TOPOLOGIES, ids=lambda t: t.name)
measured = pytest.mark.parametrize("topology", [MESH468, POINTS68], ids=lambda t: t.name)


@pytest.mark.parametrize(
    ("topology", "points", "message"),
    [
        (
            MESH468,
            np.zeros((3, 467, 3), np.float32),
            r"mesh landmarks has shape \(3, 467, 3\), expected \(any, 468, 3\)",
        ),
        (
            MESH468,
            np.zeros((3, 468, 2), np.float32),
            r"mesh landmarks has shape \(3, 468, 2\), expected \(any, 468, 3\)",
        ),
        (
            POINTS68,
            np.zeros((68, 2), np.float32),
            r"dlib68 landmarks has shape \(68, 2\), expected \(any, 68, 2\)",
        ),
        (
            FIVE,
            np.zeros((1, 5, 3), np.float32),
            r"five landmarks has shape \(1, 5, 3\), expected \(any, 5, 2\)",
        ),
        (FIVE, np.zeros((1, 5, 2)), "five landmarks has dtype float64, expected float32"),
    ],
)
def test_wrong_shapes_and_dtypes_are_named(
    topology: Topology, points: np.ndarray, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Landmarks(topology, points)


@topologies
def test_empty_landmarks_have_the_topology_and_no_faces(topology: Topology) -> None:
    empty = Landmarks.empty(topology)
    assert empty.topology is topology
    assert len(empty) == 0
    assert empty.points.shape == (0, topology.count, topology.dimensions)
    assert empty.five().shape == (0, 5, 2)


@given(st.data(), st.sampled_from(TOPOLOGIES), counts)
def test_slice_selects_faces_and_keeps_the_topology(
    data: st.DataObject, topology: Topology, n: int
) -> None:
    whole = data.draw(landmarks_of(topology, n))
    index = data.draw(indices(n))
    part = whole[index]
    assert part.topology is topology
    np.testing.assert_array_equal(part.points, whole.points[index])
    np.testing.assert_array_equal(part.xy, whole.points[index][..., :2])
    np.testing.assert_array_equal(part.five(), whole.five()[index])


@given(st.data(), st.sampled_from(TOPOLOGIES), st.floats(0.1, 10), st.floats(-500, 500))
def test_five_points_follow_scaling_and_translation(
    data: st.DataObject, topology: Topology, scale: float, shift: float
) -> None:
    landmarks = data.draw(landmarks_of(topology, 2))
    moved = Landmarks(topology, (landmarks.points * scale + shift).astype(np.float32))
    np.testing.assert_allclose(moved.five(), landmarks.five() * scale + shift, atol=0.05)


@topologies
def test_indices_are_within_range(topology: Topology) -> None:
    assert len(topology.alignment) == 5
    used = [i for group in topology.alignment for i in group]
    if topology.marks is not None:
        marks = topology.marks
        lips = [i for pair in marks.lips for i in pair]
        used += [*marks.rigid, *marks.right_eye, *marks.left_eye, *marks.mouth, *lips]
    used += topology.edges.ravel().tolist()
    assert min(used) >= 0
    assert max(used) < topology.count


@measured
def test_marks_name_distinct_points_of_the_face_model(topology: Topology) -> None:
    marks = topology.measured
    assert len(set(marks.rigid)) == len(marks.rigid) == len(POINTS)
    for eye in (marks.right_eye, marks.left_eye):
        assert len(set(eye)) == len(eye) == 6
    assert not set(marks.right_eye) & set(marks.left_eye)


@measured
def test_eye_corners_are_the_outer_ones(topology: Topology) -> None:
    landmarks = zero_landmarks(topology)
    right, left = topology.measured.rigid[0], topology.measured.rigid[3]
    landmarks.points[0, [right, left], 0] = (-1, 1)
    assert landmarks.eye_corners()[0, :, 0].tolist() == [-1, 1]


def test_depth_belongs_to_the_mesh_alone() -> None:
    assert [zero_landmarks(t).has_depth for t in TOPOLOGIES] == [False, False, True]


@pytest.mark.parametrize(
    ("lines", "name"),
    [(MESH468.edges, "FACEMESH_TESSELATION"), (MESH468.contours, "FACEMESH_CONTOURS")],
    ids=["edges", "contours"],
)
def test_mesh_lines_are_mediapipes(lines: NDArray[np.intp], name: str) -> None:
    path = network_path(FACE_MESH).parents[2] / "python/solutions/face_mesh_connections.py"
    expected = {tuple(sorted(edge)) for edge in runpy.run_path(str(path))[name]}
    edges = [tuple(sorted(edge)) for edge in lines.tolist()]  # MediaPipe lists most both ways
    assert len(edges) == len(expected)
    assert set(edges) == expected


@pytest.mark.parametrize("topology", [POINTS68, FIVE], ids=lambda t: t.name)
def test_other_topologies_have_no_edges(topology: Topology) -> None:
    assert topology.edges.shape == (0, 2)


def test_five_points_cannot_be_measured() -> None:
    with pytest.raises(ValueError, match="topology 'five' cannot be measured"):
        _ = FIVE.measured
    with pytest.raises(ValueError, match="cannot be measured"):
        zero_landmarks(FIVE).eye_corners()


def test_dlib_eye_centre_is_the_mean_of_its_six_points() -> None:
    landmarks = zero_landmarks(POINTS68, 2)
    landmarks.points[:, 36:42] = [10, 20]
    assert landmarks.five()[0, 0].tolist() == [10, 20]
