"""Hidden backgrounds: the face stays, everything around it becomes one level."""

from __future__ import annotations

import numpy as np

from training.background import hide_background
from training.crops import JAW, OUTLINE


def test_face_stays_and_background_is_one_level() -> None:
    rng = np.random.default_rng(0)
    crop = rng.integers(0, 256, (60, 60, 1)).astype(np.uint8)
    outline = np.full((len(OUTLINE), 2), 30, np.float32)
    angle = np.linspace(0, np.pi, len(JAW))
    outline[: len(JAW)] = np.stack([30 - 18 * np.cos(angle), 25 + 22 * np.sin(angle)], axis=1)
    hidden = hide_background(crop, outline, rng)
    assert hidden.shape == crop.shape
    np.testing.assert_array_equal(hidden[22:40, 22:38], crop[22:40, 22:38])
    corners = hidden[[0, 0, -1, -1], [0, -1, 0, -1], 0]
    assert len(set(corners.tolist())) == 1
    assert not np.array_equal(hidden, crop)
