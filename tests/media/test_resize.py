"""Resizing of pictures to a maximum side."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.media.resize import fit_within


@pytest.mark.parametrize(
    ("size_wh", "max_side_px", "expected_wh"),
    [
        ((640, 480), 640, (640, 480)),
        ((640, 480), 320, (320, 240)),
        ((480, 640), 320, (240, 320)),
        ((2000, 1), 100, (100, 1)),
        ((1, 1), 100, (1, 1)),
    ],
)
def test_the_longer_side_is_limited(
    size_wh: tuple[int, int], max_side_px: int, expected_wh: tuple[int, int]
) -> None:
    frame = np.full((size_wh[1], size_wh[0], 3), 90, np.uint8)
    resized = fit_within(frame, max_side_px)
    assert resized.shape == (expected_wh[1], expected_wh[0], 3)
    assert resized.dtype == np.uint8
    assert (resized == 90).all()
    assert (resized is frame) == (size_wh == expected_wh)
