"""Shape predictors as arrays: dlib reads what we write, and the other way round."""

from __future__ import annotations

from pathlib import Path

import dlib
import numpy as np
import pytest

from realtime.landmark.dlib68 import predictor_of
from realtime.landmark.shape_model import ShapeModel
from realtime.landmark.types import LandmarkFileError
from training.landmarks.dlib_file import model_of, parse


@pytest.fixture(scope="module")
def trained() -> dlib.shape_predictor:
    """A predictor of three points, trained on a few bright squares."""
    rng = np.random.default_rng(0)
    pictures, found = [], []
    for _ in range(20):
        picture = rng.integers(0, 60, (64, 64)).astype(np.uint8)
        x, y = rng.integers(14, 30, 2).tolist()
        picture[y : y + 20, x : x + 20] = 220
        points = [dlib.point(x, y), dlib.point(x + 20, y), dlib.point(x + 10, y + 20)]
        pictures.append(picture)
        found.append([dlib.full_object_detection(dlib.rectangle(8, 8, 56, 56), points)])
    options = dlib.shape_predictor_training_options()
    options.cascade_depth, options.num_trees_per_cascade_level = 3, 7
    options.oversampling_amount, options.feature_pool_size, options.tree_depth = 3, 40, 3
    options.num_threads = 1
    return dlib.train_shape_predictor(pictures, found, options)


def points_of(predictor: dlib.shape_predictor, seed: int) -> list[tuple[int, int]]:
    picture = np.random.default_rng(seed).integers(0, 256, (64, 64)).astype(np.uint8)
    parts = predictor(picture, dlib.rectangle(8, 8, 56, 56)).parts()
    return [(part.x, part.y) for part in parts]


def test_a_trained_predictor_survives_the_way_through_arrays(
    trained: dlib.shape_predictor,
) -> None:
    model = model_of(trained)
    assert model.leaves.shape == (3, 7, 8, 6)
    assert model.pixels.shape == (3, 7, 7, 2)
    assert model.anchors.shape == (3, 40)
    again = predictor_of(model)
    assert again.__getstate__() == trained.__getstate__()


def test_our_bytes_are_read_back_as_they_were(trained: dlib.shape_predictor) -> None:
    model = model_of(trained)
    again = parse(model.dlib_bytes())
    for name in ("initial_shape", "anchors", "deltas", "pixels", "thresholds", "leaves"):
        np.testing.assert_array_equal(getattr(again, name), getattr(model, name))


def test_zero_and_large_and_negative_numbers_are_written_right() -> None:
    values = np.array([0, 1, -1, 0.1, -1e-30, 3e30, 255, 2**-20], np.float32)
    model = ShapeModel(
        values,
        np.zeros((1, 2), np.uint8),
        np.zeros((1, 2, 2), np.float32),
        np.full((1, 1, 1, 2), 40_000, np.uint16),
        np.full((1, 1, 1), -0.5, np.float32),
        np.stack([values, -values])[None, None],
    )
    again = parse(model.dlib_bytes())
    np.testing.assert_array_equal(again.initial_shape, values)
    np.testing.assert_array_equal(again.leaves, model.leaves)
    assert again.pixels.tolist() == [[[[40_000, 40_000]]]]


def test_a_file_keeps_the_leaves_within_half_a_step(
    trained: dlib.shape_predictor, tmp_path: Path
) -> None:
    model, path = model_of(trained), tmp_path / "model.npz"
    model.write(path, step=1e-4)
    again = ShapeModel.read(path)
    assert np.abs(again.leaves - model.leaves).max() <= 0.51e-4
    np.testing.assert_array_equal(again.pixels, model.pixels)
    np.testing.assert_allclose(again.thresholds, model.thresholds, atol=0.05)
    near = np.abs(np.subtract(points_of(predictor_of(again), 1), points_of(trained, 1)))
    assert near.max() <= 2


def test_fewer_levels_are_the_first_ones(trained: dlib.shape_predictor) -> None:
    model = model_of(trained)
    short = model.first(2)
    assert len(short.leaves) == len(short.anchors) == len(short.deltas) == 2
    np.testing.assert_array_equal(short.leaves, model.leaves[:2])
    assert len(points_of(predictor_of(short), 0)) == 3


def test_what_is_missing_or_damaged_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(LandmarkFileError, match=r"There is no landmark model .*none\.npz\."):
        ShapeModel.read(tmp_path / "none.npz")
    rubbish = tmp_path / "rubbish.npz"
    for data in (b"", b"rubbish", b"PK\x03\x04 half a zip"):
        rubbish.write_bytes(data)
        with pytest.raises(LandmarkFileError, match="is damaged"):
            ShapeModel.read(rubbish)
    with rubbish.open("wb") as file:
        np.savez(file, initial_shape=np.zeros(4))
    with pytest.raises(LandmarkFileError, match="is damaged"):
        ShapeModel.read(rubbish)
