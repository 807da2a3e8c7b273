"""The mesh as 68 points: by the table, and corrected."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import F32
from realtime.landmark.mesh68 import MeshTo68, from_eye_frame, to_eye_frame
from realtime.landmark.topology import MARKS, MESH_TO_68, mesh_as_68
from training.landmarks.correction import fit_correction
from training.landmarks.faces import MIRROR

NOTHING = MeshTo68(np.zeros((136, 136), np.float32), np.zeros(136, np.float32))


def meshes(n: int, seed: int = 0) -> F32:
    """Faces that differ: random points about one shape, in pixels."""
    rng = np.random.default_rng(seed)
    shape = rng.uniform(100, 300, (468, 3))
    shape[33], shape[263] = (140, 180, 0), (260, 180, 0)
    return (shape + rng.normal(0, 3, (n, 468, 3))).astype(np.float32)


def test_the_table_names_68_points_and_agrees_with_the_marks() -> None:
    assert len(MESH_TO_68) == 68
    mesh, dlib = MARKS[468], MARKS[68]
    for name in ("rigid", "right_eye", "left_eye", "mouth"):
        assert [MESH_TO_68[i] for i in getattr(dlib, name)] == list(getattr(mesh, name))
    assert [(MESH_TO_68[a], MESH_TO_68[b]) for a, b in dlib.lips] == list(mesh.lips)


def test_without_weights_the_table_is_what_remains() -> None:
    landmarks = meshes(3)
    np.testing.assert_allclose(NOTHING(landmarks), mesh_as_68(landmarks), atol=1e-3)
    assert NOTHING(meshes(0)).shape == (0, 68, 2)


@given(st.floats(-3, 3), st.floats(0.2, 5), st.floats(-500, 500), st.floats(-500, 500))
def test_the_correction_moves_turns_and_grows_with_the_face(
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


def test_the_eyes_frame_and_back() -> None:
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
    learned = fit_correction(landmarks, wanted)
    distance = np.linalg.norm(points[:, 36] - points[:, 45], axis=1).mean()
    before = np.linalg.norm(points - wanted, axis=2).mean() / distance
    after = np.linalg.norm(learned(landmarks) - wanted, axis=2).mean() / distance
    assert before > 0.02
    assert after < 0.2 * before


def test_the_shipped_one_loads() -> None:
    assert MeshTo68.load().weights.shape == (136, 136)


def test_a_mirror_twice_is_none() -> None:
    assert sorted(MIRROR.tolist()) == list(range(68))
    assert MIRROR[MIRROR].tolist() == list(range(68))
    assert [MIRROR[i] for i in (0, 8, 36, 39, 48, 62)] == [16, 8, 45, 42, 54, 62]


@pytest.mark.parametrize("kind", [468, 68])
def test_left_and_right_of_the_rigid_points_are_partners(kind: int) -> None:
    assert len(set(MARKS[kind].rigid)) == 13
