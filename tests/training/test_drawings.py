"""Drawn things are painted beside faces, never onto them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import F32
from training.detector.drawings import draw

SIDE = 200
corner = st.integers(0, SIDE - 40)


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


@given(st.integers(0, 10_000), st.lists(st.tuples(corner, corner), max_size=4))
def test_faces_stay_as_they_are(seed: int, corners: list[tuple[int, int]]) -> None:
    picture = noise()
    boxes: F32 = np.array([[x, y, x + 40, y + 40] for x, y in corners], np.float32).reshape(-1, 4)
    before = picture.copy()
    draw(picture, boxes, np.random.default_rng(seed))
    for x, y in corners:
        face = np.s_[y : y + 40, x : x + 40]
        np.testing.assert_array_equal(picture[face], before[face])


def test_something_is_drawn_where_there_is_room() -> None:
    face = np.array([[80, 80, 120, 120]], np.float32)
    changed = 0
    for seed in range(50):
        picture = noise()
        draw(picture, face, np.random.default_rng(seed))
        changed += bool((picture != noise()).any())
    assert changed >= 40


def test_nothing_is_drawn_where_faces_fill_the_picture() -> None:
    picture = noise()
    draw(picture, np.array([[0, 0, SIDE, SIDE]], np.float32), np.random.default_rng(0))
    np.testing.assert_array_equal(picture, noise())
