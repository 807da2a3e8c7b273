"""The mesh as 68 points: mapped by a table, then corrected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.arrays import F32
from realtime.core.landmarks import MESH468, POINTS68, Topology
from realtime.landmark.mesh68 import (
    MESH_TO_68,
    MeshTo68,
    from_eye_frame,
    mesh_as_68,
    to_eye_frame,
)
from training.landmarks.correction import learn
from training.landmarks.faces import MIRROR

NOTHING = MeshTo68(np.zeros((136, 136), np.float32), np.zeros(136, np.float32))


def meshes(n: int, seed: int = 0) -> F32:
    """Faces that differ: random points around one shape, in pixels."""
    rng = np.random.default_rng(seed)
    shape = rng.uniform(100, 300, (468, 3))
    shape[33], shape[263] = (140, 180, 0), (260, 180, 0)
    return (shape + rng.normal(0, 3, (n, 468, 3))).astype(np.float32)


def test_table_has_68_points_and_agrees_with_the_marks() -> None:
    assert len(MESH_TO_68) == 68
    mesh, dlib = MESH468.measured, POINTS68.measured
    for name in ("rigid", "right_eye", "left_eye", "mouth"):
        assert [MESH_TO_68[i] for i in getattr(dlib, name)] == list(getattr(mesh, name))
    assert [(MESH_TO_68[a], MESH_TO_68[b]) for a, b in dlib.lips] == list(mesh.lips)


def test_zero_correction_leaves_the_mapped_points() -> None:
    landmarks = meshes(3)
    np.testing.assert_allclose(NOTHING(landmarks), mesh_as_68(landmarks), atol=1e-3)
    assert NOTHING(meshes(0)).shape == (0, 68, 2)


@given(st.floats(-3, 3), st.floats(0.2, 5), st.floats(-500, 500), st.floats(-500, 500))
def test_correction_moves_rotates_and_scales_with_the_face(
    angle: float, scale: float, x: float, y: float
) -> None:
    rng = np.random.default_rng(2)
    weights = rng.normal(0, 0.02, (136, 136)).astype(np.float32)
    correction = MeshTo68(weights, rng.normal(0, 0.02, 136).astype(np.float32))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    plain = meshes(2)
    moved = plain.copy()
    moved[..., :2] = plain[..., :2] @ turn.T * scale + [x, y]
    expected = correction(plain) @ turn.T * scale + [x, y]
    np.testing.assert_allclose(correction(moved), expected, atol=0.05 * max(1, scale))


def test_eye_frame_round_trip_restores_the_points() -> None:
    points = mesh_as_68(meshes(4))
    framed = to_eye_frame(points, points)
    np.testing.assert_allclose(framed[:, [36, 45]], [[[-0.5, 0], [0.5, 0]]] * 4, atol=1e-5)
    np.testing.assert_allclose(from_eye_frame(framed, points), points, atol=1e-2)


def test_a_known_displacement_is_learned() -> None:
    landmarks = meshes(400)
    points = mesh_as_68(landmarks)
    shift = np.random.default_rng(3).normal(0, 0.05, (68, 2))
    shift = (shift + shift[MIRROR] * (-1, 1)) / 2  # people label left and right alike
    wanted = from_eye_frame(to_eye_frame(points, points) + shift.astype(np.float32), points)
    learned = learn(landmarks, wanted)
    distance = np.linalg.norm(points[:, 36] - points[:, 45], axis=1).mean()
    before = np.linalg.norm(points - wanted, axis=2).mean() / distance
    after = np.linalg.norm(learned(landmarks) - wanted, axis=2).mean() / distance
    assert before > 0.02
    assert after < 0.2 * before


def test_shipped_correction_loads() -> None:
    assert MeshTo68.load().weights.shape == (136, 136)


def test_mirroring_twice_restores_the_order() -> None:
    assert sorted(MIRROR.tolist()) == list(range(68))
    assert MIRROR[MIRROR].tolist() == list(range(68))
    assert [MIRROR[i] for i in (0, 8, 36, 39, 48, 62)] == [16, 8, 45, 42, 54, 62]


@pytest.mark.parametrize("topology", [MESH468, POINTS68], ids=lambda t: t.name)
def test_rigid_points_are_thirteen_distinct_ones(topology: Topology) -> None:
    assert len(set(topology.measured.rigid)) == 13
