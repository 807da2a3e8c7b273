"""Augmentation keeps shapes, changes what it should, and is the same for a seed."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

from training.augment import Augment, augment, framing
from training.occlude import occlude

STILL = Augment(**{f.name: 0.0 for f in fields(Augment)})


def crops(n: int, channels: int, side: int = 60) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels)).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n", [0, 1, 40])
def test_shape_and_type_are_kept(n: int, channels: int) -> None:
    everything = Augment(p_light=1, p_coarse=1, p_blur=1, p_noise=1, p_jpeg=1, p_cutout=1)
    changed = augment(crops(n, channels), 48, everything, np.random.default_rng(1))
    assert changed.shape == (n, 48, 48, channels)
    assert changed.dtype == np.uint8


def test_without_changes_the_middle_is_left() -> None:
    before = crops(3, 3)
    after = augment(before, 48, STILL, np.random.default_rng(1))
    np.testing.assert_array_equal(after, before[:, 6:54, 6:54])


def test_the_crops_given_are_not_written_to() -> None:
    before = crops(8, 3)
    kept = before.copy()
    augment(before, 48, Augment(p_cutout=1), np.random.default_rng(1))
    np.testing.assert_array_equal(before, kept)


def test_a_seed_gives_the_same_changes() -> None:
    a, b = (augment(crops(9, 1), 48, Augment(), np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_a_flip_mirrors_about_the_middle() -> None:
    before = crops(2, 1)
    flip = Augment(**{**{f.name: 0.0 for f in fields(Augment)}, "p_flip": 1.0})
    after = augment(before, 48, flip, np.random.default_rng(1))
    np.testing.assert_array_equal(after, before[:, 6:54, 6:54][:, :, ::-1])


def test_framing_keeps_the_middle_where_nothing_shifts() -> None:
    config = Augment(shift=0)
    matrices = framing(20, 60, 48, config, np.random.default_rng(0))
    middle = matrices @ np.array([23.5, 23.5, 1])
    np.testing.assert_allclose(middle, 29.5, atol=1e-4)


def test_an_occluded_face_keeps_its_shape_and_its_upper_half() -> None:
    pictures = crops(60, 3)
    rng = np.random.default_rng(3)
    for picture in pictures:
        painted = occlude(picture, pictures[0], 0.8, rng)
        assert painted.shape == picture.shape
        assert painted.dtype == np.uint8
        assert (painted != picture).any()
        # The eyes are at 39 % of the height: most of what lies above is as it was.
        assert (painted[:18] != picture[:18]).any(axis=2).mean() < 0.5
