"""VP8 artefacts: encoded crops stay similar and do not affect each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.vp8 import BLOCK, vp8


def pictures(n: int, side: int, channels: int, seed: int = 0) -> np.ndarray:
    """Smooth pictures with an edge, of different brightness."""
    y, x = np.mgrid[0:side, 0:side]
    rng = np.random.default_rng(seed)
    level = rng.integers(40, 180, (n, 1, 1, channels))
    shape = (30 * np.sin(x / 5) + 40 * (y > side / 2))[None, :, :, None]
    return np.clip(level + shape, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("n", [0, 1, 7])
@pytest.mark.parametrize("side", [48, 41])
def test_crops_keep_their_shape_and_stay_similar(n: int, side: int, channels: int) -> None:
    before = pictures(n, side, channels)
    kept = before.copy()
    for seed in range(4):  # some of these encode two pictures
        after = vp8(before, np.random.default_rng(seed))
        assert after.shape == before.shape
        assert after.dtype == np.uint8
        if n:
            gap = np.abs(after.astype(int) - before).mean()
            assert 0 < gap < 12
    np.testing.assert_array_equal(before, kept)


def test_same_seed_gives_the_same_copies() -> None:
    before = pictures(5, 48, 1)
    a, b = (vp8(before, np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(a, b)
    assert (vp8(before, np.random.default_rng(4)) != a).any()


@given(st.integers(0, 30))
def test_crops_do_not_bleed_into_each_other(seed: int) -> None:
    before = np.zeros((9, 48, 48, 1), np.uint8)
    before[::2] = 255
    after = vp8(before, np.random.default_rng(seed)).astype(int)
    # Only the deblocking filter may change a crop's edge.
    inner = slice(BLOCK // 4, -BLOCK // 4)
    assert np.abs(after - before)[:, inner, inner].max() < 40
