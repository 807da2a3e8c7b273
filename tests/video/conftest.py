"""Fixtures: frames of a moving face."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from realtime.core.faces import Frame


@pytest.fixture(scope="session")
def moving(astronaut: Frame) -> list[Frame]:
    """Twelve frames of 320×240 pixels with a moving face."""
    small = cv2.resize(astronaut, (300, 300))
    frames = []
    for i in range(12):
        canvas = np.full((240, 320, 3), 150, np.uint8)
        canvas[: 240 - i, i : 300 + i] = small[i:240, : 320 - i]
        frames.append(canvas)
    return frames
