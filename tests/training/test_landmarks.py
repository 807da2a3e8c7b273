"""Landmark training: faces, regions, metrics and the search, without and with the data."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.landmark import dlib68
from realtime.landmark.dlib68 import crop_matrices, regions_from_points
from realtime.landmark.face_model import POINTS
from tests.training.labelled import ideal_regions, labelled
from training.landmarks.errors import LIMIT, area_under_curve, face_errors, score
from training.landmarks.examples import Jitter, make_examples, points_in_crop
from training.landmarks.faces import MIRROR, Split, read_faces
from training.landmarks.mean_face import mean_face
from training.landmarks.regions import SOURCES, region_errors
from training.landmarks.search import best, split_validation
from training.landmarks.trees import TreeOptions


def test_mirroring_twice_restores_the_face() -> None:
    face = labelled()
    restored = face.mirrored().mirrored()
    np.testing.assert_array_equal(restored.picture, face.picture)
    np.testing.assert_allclose(restored.points, face.points, atol=1e-4)
    assert face.mirrored().points[45, 0] == pytest.approx(199 - face.points[36, 0])


def test_padding_moves_picture_and_points_together() -> None:
    face = labelled()
    padded = face.padded(0.5)
    assert padded.picture.shape == (400, 400, 3)
    np.testing.assert_array_equal(padded.picture[100:300, 100:300], face.picture)
    np.testing.assert_allclose(padded.points, face.points + 100)
    assert padded.eye_distance_px == pytest.approx(60, abs=0.1)


@given(st.floats(-0.2, 0.2), st.floats(-0.2, 0.2), st.floats(-0.4, 0.4), st.floats(-0.5, 0.5))
def test_region_errors_recover_a_known_change(
    right: float, down: float, scale: float, turn: float
) -> None:
    points = labelled().points[None]
    region = regions_from_points(points)
    side, angle = region[0, 2], region[0, 3]
    moved = region.copy()
    moved[0, 0] += (np.cos(angle) * right - np.sin(angle) * down) * side
    moved[0, 1] += (np.sin(angle) * right + np.cos(angle) * down) * side
    moved[0, 2] *= np.exp(scale)
    moved[0, 3] += turn
    assert region_errors(region, points)[0] == pytest.approx([0, 0, 0, 0], abs=1e-5)
    assert region_errors(moved, points)[0] == pytest.approx([right, down, scale, turn], abs=1e-3)


def test_examples_contain_each_face_and_its_mirror_image_per_region() -> None:
    faces = [labelled(i) for i in range(3)]
    regions = ideal_regions(faces)
    regions["detector"][1] = np.nan  # missed by the detector
    made = make_examples(faces, regions, np.random.default_rng(0))
    assert len(made.crops) == len(made.points) == 2 * (3 * 3 - 1)
    assert all(crop.shape == (dlib68.SIDE, dlib68.SIDE) for crop in made.crops)


def test_points_are_converted_to_crop_pixels() -> None:
    face = labelled()
    none = Jitter(shift=0, scale=0, turn_rad=0)
    made = make_examples(
        [face], ideal_regions([face]), np.random.default_rng(0), sources=["mesh"], jitter=none
    )
    parts = [[(p.x, p.y) for p in one[0].parts()] for one in made.points]
    matrix = crop_matrices(regions_from_points(face.points[None]))[0]
    np.testing.assert_allclose(parts[0], points_in_crop(face.points, matrix), atol=0.51)
    back = points_in_crop(face.points, matrix) @ matrix[:, :2].T + matrix[:, 2]
    np.testing.assert_allclose(back, face.points, atol=1e-2)
    flipped = face.mirrored()
    matrix = crop_matrices(regions_from_points(flipped.points[None]))[0]
    np.testing.assert_allclose(parts[1], points_in_crop(flipped.points, matrix), atol=0.6)


def test_metrics_of_known_errors() -> None:
    true = np.zeros((4, 68, 2), np.float32)
    true[:, 45, 0] = 100
    predicted = true.copy()
    predicted[1, :, 0] += 4
    predicted[2, :17, 1] += 68 / 17 * 8  # jaw only
    predicted[3] += 9  # 9 * sqrt(2)
    assert face_errors(predicted, true) == pytest.approx([0, 0.04, 0.08, 0.09 * 2**0.5], abs=1e-6)
    result = score(predicted, true)
    assert result.failed == 0.25
    assert result.median == pytest.approx(0.06)
    assert result.inner == pytest.approx((0 + 0.04 + 0 + 0.09 * 2**0.5) / 4, abs=1e-6)
    assert result.auc == pytest.approx((1 + 0.5) / 4, abs=1e-6)
    assert result.mean.low <= result.mean.value <= result.mean.high


def test_area_under_curve_is_1_without_errors_and_0_beyond_the_limit() -> None:
    assert area_under_curve(np.zeros(3, np.float32)) == 1
    assert area_under_curve(np.full(3, LIMIT, np.float32)) == pytest.approx(0, abs=1e-6)
    assert area_under_curve(np.full(3, 9, np.float32)) == 0


def row(error: float, mb: float, ms: float, depth: int) -> dict[str, object]:
    errors = {f"error from {source}": error for source in SOURCES}
    options = {
        "levels": 12,
        "trees": 99,
        "nu": 0.1,
        "lambda": 0.1,
        "pixels": 400,
        "splits tried": 20,
    }
    return {**options, "depth": depth, **errors, "MB": mb, "ms": ms}


def test_best_has_the_lowest_error_within_the_limits() -> None:
    rows = [row(0.05, 3, 0.1, 3), row(0.04, 5, 0.15, 4), row(0.03, 9, 0.15, 5)]
    assert best(rows, max_mb=6).tree_depth == 4
    assert best([*rows, row(0.01, 5, 0.4, 6)], max_mb=6).tree_depth == 4
    assert best(rows, max_mb=10).tree_depth == 5
    assert best(rows, max_mb=1).tree_depth == 3
    assert best(rows, max_mb=6).oversampling_amount == TreeOptions().oversampling_amount


def test_training_and_validation_faces_are_disjoint() -> None:
    faces = [labelled(i) for i in range(17)]
    train, validation = split_validation(Split(faces, ideal_regions(faces)))
    assert (len(train.faces), len(validation.faces)) == (14, 3)
    assert len(train.regions["mesh"]) == 14
    assert not {id(f) for f in train.faces} & {id(f) for f in validation.faces}
    with pytest.raises(ValueError, match="Too few"):
        split_validation(Split(faces[:1], ideal_regions(faces[:1])))


def test_mean_face_of_rotated_copies_is_the_face() -> None:
    rng, faces = np.random.default_rng(0), np.zeros((60, 468, 3), np.float32)
    from realtime.core.landmarks import MESH468
    from realtime.landmark.pose import rotation

    for face in faces:
        turn = rotation(*rng.normal(0, 20, 3))
        face[list(MESH468.measured.rigid)] = POINTS @ turn.T * rng.uniform(5, 30) + rng.normal(
            0, 99, 3
        )
    mean = mean_face(faces)
    # Only distances: the mean direction of the copies counts as straight ahead.
    lengths = np.linalg.norm(mean[:, None] - mean[None], axis=2)
    np.testing.assert_allclose(lengths, np.linalg.norm(POINTS[:, None] - POINTS, axis=2), atol=0.05)
    np.testing.assert_allclose(mean[[3, 2]] * (-1, 1, 1), mean[[0, 1]], atol=1e-6)


@pytest.mark.data
def test_labelled_faces_are_upright_and_mirror(data_dir: Path) -> None:
    train, test = read_faces(data_dir, "train", limit=50), read_faces(data_dir, "test", limit=20)
    assert (len(train), len(test)) == (50, 20)
    for face in (*train, *test):
        x, y = face.points.T
        assert x[45] > x[36]  # upright
        assert y[8] > y[27]
        assert (face.mirrored().points[MIRROR] != face.points).any()
