"""The motion of faces: soon known, and kept where another head covers a part of the face."""

from __future__ import annotations

import numpy as np
import pytest

from realtime.core.arrays import F32
from realtime.track.motion import Motion

FRAME_S = 1 / 30


def box(x: float, width: float = 100, height: float = 120) -> F32:
    return np.array([x, 100, x + width, 100 + height], np.float32)


def test_the_speed_of_a_new_face_is_known_after_two_frames() -> None:
    motion = Motion()
    for i in range(3):
        motion.update(box(550 * i * FRAME_S), i * FRAME_S)
    assert motion.shift(1.0)[0] == pytest.approx(550, rel=0.01)


@pytest.mark.parametrize("beside", [True, False])
def test_only_a_face_that_another_head_covers_goes_on_as_before(beside: bool) -> None:
    motion = Motion()
    for i in range(30):
        motion.update(box(150 * i * FRAME_S), i * FRAME_S)
    # Its right edge stands still from now on: the mesh shrinks to what is seen.
    for i in range(30, 40):
        left = 150 * i * FRAME_S
        seen = box(left, 150 * 29 * FRAME_S + 100 - left, 120 - 3 * (i - 29))
        motion.update(seen, i * FRAME_S, beside=beside)
    assert (motion.shift(1.0)[0] == pytest.approx(150, rel=0.1)) == beside


def test_a_face_beside_another_that_keeps_its_size_is_followed() -> None:
    motion = Motion()
    for i in range(60):
        motion.update(box(-90 * i * FRAME_S), i * FRAME_S, beside=True)
    assert motion.shift(1.0)[0] == pytest.approx(-90, rel=0.05)
