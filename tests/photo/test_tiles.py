"""Tiles cover the picture, and detections of the same face in several tiles are merged."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import Faces, Frame
from realtime.core.geometry import overlap_of_smaller
from realtime.detect.tiles import (
    LEVELS,
    OVERLAP,
    detect_tiled,
    merge,
    tile_boxes,
    tile_sides,
    touches_inner_edge,
)


class Bright:
    """A stub detector: one box around all white pixels of its input."""

    def __init__(self, score: float = 0.9) -> None:
        self.score = score

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        ys, xs = np.nonzero(frame_bgr[..., 0] > 200)
        if len(xs) == 0 or self.score < min_score:
            return Faces.empty()
        box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        return Faces.from_boxes([box], [self.score])


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 3000))
def test_tiles_cover_every_pixel_and_stay_inside(width: int, height: int, side: int) -> None:
    side = max(side, max(width, height) // 12 + 1)
    tiles = tile_boxes((width, height), side)
    for axis, length in ((0, width), (1, height)):
        spans = sorted({(tile[axis], tile[axis + 2]) for tile in tiles})
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        for (_, end), (start, _) in pairwise(spans):
            assert end - start >= OVERLAP * side - 2
        assert all(end - start == min(side, length) for start, end in spans)


@given(st.integers(1, 20000), st.integers(1, 20000))
def test_tile_sides_are_halved_at_each_level(width: int, height: int) -> None:
    sides = tile_sides((width, height))
    assert sides[0] == max(width, height)
    assert 1 <= len(sides) <= LEVELS
    assert all(b == a // 2 for a, b in pairwise(sides))


@pytest.mark.parametrize("size", [10, 40, 120, 300])
@pytest.mark.parametrize("x", [0, 190, 333, 640])
def test_a_face_is_one_box_in_pixels_of_the_picture(size: int, x: int) -> None:
    picture = np.zeros((700, 1000, 3), np.uint8)
    picture[150 : 150 + size, x : x + size] = 255
    faces, agreement = detect_tiled([Bright()], picture, min_score=0.5)
    assert len(faces) == 1
    assert np.abs(faces.xyxy[0] - (x, 150, x + size, 150 + size)).max() <= 4
    assert agreement[0] > 0.9 + 1e-3  # detected in more than one tile


def test_parallel_detectors_give_the_same_result_as_one() -> None:
    picture = np.zeros((900, 1300, 3), np.uint8)
    for x, y, size in ((20, 30, 40), (400, 100, 300), (1000, 600, 120)):
        picture[y : y + size, x : x + size] = 255
    one, one_agreement = detect_tiled([Bright()], picture, min_score=0.5)
    many, agreement = detect_tiled([Bright() for _ in range(3)], picture, min_score=0.5)
    assert many.xyxy.tolist() == one.xyxy.tolist()
    assert agreement.tolist() == one_agreement.tolist()


def test_errors_of_a_detector_are_raised() -> None:
    class Broken:
        def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
            raise RuntimeError("out of order")

    with pytest.raises(RuntimeError, match="out of order"):
        detect_tiled([Broken(), Broken()], np.zeros((700, 900, 3), np.uint8), min_score=0.5)


def test_picture_without_faces() -> None:
    faces, agreement = detect_tiled([Bright()], np.zeros((200, 300, 3), np.uint8), min_score=0.5)
    assert len(faces) == 0
    assert agreement.shape == (0,)


@pytest.mark.parametrize(
    ("tile", "box", "cut"),
    [
        ((0, 0, 100, 100), (0, 0, 50, 50), False),  # at the edge of the picture
        ((0, 0, 100, 100), (60, 10, 100, 50), True),
        ((0, 0, 100, 100), (10, 60, 50, 99), True),
        ((100, 100, 200, 200), (0, 10, 50, 50), True),
        ((100, 100, 200, 200), (10, 1, 50, 50), True),
        ((100, 100, 200, 200), (10, 10, 100, 100), False),
    ],
)
def test_faces_cut_off_by_a_tile_touch_its_inner_edge(
    tile: tuple[int, int, int, int], box: tuple[float, ...], cut: bool
) -> None:
    boxes = np.array([box], np.float32)
    assert touches_inner_edge(boxes, tile, (200, 200)).tolist() == [cut]
    assert touches_inner_edge(boxes[:0], tile, (200, 200)).tolist() == []


def test_a_partial_box_is_merged_and_adds_its_score() -> None:
    boxes = [(0, 0, 100, 100), (10, 10, 50, 60), (300, 0, 340, 40)]
    faces, agreement = merge(Faces.from_boxes(boxes, [0.9, 0.6, 0.5]))
    assert faces.xyxy[:, 0].tolist() == [0, 300]
    assert agreement.tolist() == pytest.approx([1.5, 0.5])


def test_merging_no_faces() -> None:
    faces, agreement = merge(Faces.empty())
    assert len(faces) == len(agreement) == 0


def test_overlap_of_empty_boxes_is_zero() -> None:
    boxes = np.array([[5, 5, 5, 5], [0, 0, 10, 10]], np.float32)
    assert overlap_of_smaller(boxes, boxes).tolist() == [[0, 0], [0, 1]]
