"""Augmentation: shapes, strength of each effect, reproducibility."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from training.augment import (
    Augment,
    add_noise,
    augment,
    framing,
    light_table,
    motion_kernel,
    without_camera_effects,
)
from training.mask.occlude import occlude

NO_AUGMENTATION = Augment(**{f.name: 0.0 for f in fields(Augment)})


def crops(n: int, channels: int, side: int = 60) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (n, side, side, channels)).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n", [0, 1, 40])
def test_shape_and_type(n: int, channels: int) -> None:
    everything = Augment(**{f.name: 1.0 for f in fields(Augment) if f.name.startswith("p_")})
    changed = augment(crops(n, channels), 48, everything, np.random.default_rng(1))
    assert changed.shape == (n, 48, 48, channels)
    assert changed.dtype == np.uint8


def test_no_augmentation_crops_the_centre() -> None:
    before = crops(3, 3)
    after = augment(before, 48, NO_AUGMENTATION, np.random.default_rng(1))
    np.testing.assert_array_equal(after, before[:, 6:54, 6:54])


def test_input_is_not_modified() -> None:
    before = crops(8, 3)
    kept = before.copy()
    augment(before, 48, Augment(p_cutout=1), np.random.default_rng(1))
    np.testing.assert_array_equal(before, kept)


def test_same_seed_gives_the_same_result() -> None:
    a, b = (augment(crops(9, 1), 48, Augment(), np.random.default_rng(7)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_flip_mirrors_about_the_centre() -> None:
    before = crops(2, 1)
    flip = Augment(**{**{f.name: 0.0 for f in fields(Augment)}, "p_flip": 1.0})
    after = augment(before, 48, flip, np.random.default_rng(1))
    np.testing.assert_array_equal(after, before[:, 6:54, 6:54][:, :, ::-1])


def test_framing_without_shift_keeps_the_centre() -> None:
    config = Augment(shift=0)
    matrices = framing(20, 60, 48, config, np.random.default_rng(0))
    middle = matrices @ np.array([23.5, 23.5, 1])
    np.testing.assert_allclose(middle, 29.5, atol=1e-4)


def test_occlusion_leaves_the_upper_face_visible() -> None:
    pictures = crops(60, 3)
    rng = np.random.default_rng(3)
    for picture in pictures:
        painted = occlude(picture, pictures[0], 0.8, rng)
        assert painted.shape == picture.shape
        assert painted.dtype == np.uint8
        assert (painted != picture).any()
        # The eyes are at 39 % of the height: most pixels above are unchanged.
        assert (painted[:18] != picture[:18]).any(axis=2).mean() < 0.5


@pytest.mark.parametrize("channels", [1, 3])
def test_noise_has_the_given_strength_and_is_stronger_in_the_dark(channels: int) -> None:
    rng = np.random.default_rng(0)
    spread = {}
    for level in (60, 127, 200):
        plain = np.full((100, 100, channels), level, np.uint8)
        noisy = [add_noise(plain, 8.0, rng).astype(float) for _ in range(30)]
        spread[level] = np.mean([n.std(axis=(0, 1)).mean() for n in noisy])
    assert spread[127] == pytest.approx(8, rel=0.06)
    assert spread[60] > spread[127] > spread[200]


@pytest.mark.parametrize("angle", [0, 0.4, np.pi / 2, 2.5])
def test_motion_blur_is_along_its_direction(angle: float) -> None:
    kernel = motion_kernel(6, angle)
    assert kernel.sum() == pytest.approx(1, abs=1e-5)
    assert (kernel >= 0).all()
    np.testing.assert_allclose(kernel, kernel[::-1, ::-1], atol=1e-6)
    y, x = np.mgrid[-3:4, -3:4]
    along = (kernel * (x * np.cos(angle) + y * np.sin(angle)) ** 2).sum()
    across = (kernel * (y * np.cos(angle) - x * np.sin(angle)) ** 2).sum()
    assert along > 5 * across


def test_tint_is_warm_or_cold() -> None:
    config = Augment(gamma=0, contrast=0, brightness=0, tint=0.1)
    middles = np.array(
        [light_table(3, config, np.random.default_rng(i))[0, 100] for i in range(200)], float
    )
    assert middles[:, 1].std() < middles[:, 0].std() / 2
    assert np.corrcoef(middles[:, 0], middles[:, 2])[0, 1] < -0.7
    assert light_table(1, config, np.random.default_rng(0)).shape == (1, 256, 1)


def test_without_camera_effects_there_is_no_blur_or_noise() -> None:
    """A uniform crop stays uniform: only its brightness changes."""
    crops = np.full((20, 60, 60, 1), 120, np.uint8)
    config = without_camera_effects(replace(Augment(), p_cutout=0.0))
    changed = augment(crops, 48, config, np.random.default_rng(0))
    assert (np.ptp(changed, axis=(1, 2, 3)) == 0).all()
    webcam = augment(crops, 48, replace(Augment(), p_cutout=0.0), np.random.default_rng(0))
    assert (np.ptp(webcam, axis=(1, 2, 3)) > 0).any()
