"""Overlap between axis-aligned boxes, given as (n, 4) `xyxy` arrays in pixels."""

from __future__ import annotations

import numpy as np

from realtime.core.faces import F32


def iou(a: F32, b: F32) -> F32:
    """Intersection over union of each box in `a` with each box in `b`.

    Args:
        a: (n, 4) boxes.
        b: (m, 4) boxes.

    Returns:
        (n, m) values from 0 to 1; 0 where both boxes are empty.
    """
    shared = _intersection(a, b)
    union = _area(a)[:, None] + _area(b)[None] - shared
    return _ratio(shared, union)


def overlap_of_smaller(a: F32, b: F32) -> F32:
    """Intersection over the area of the smaller box, for each box in `a` with each box in `b`.

    Unlike `iou`, it is 1 where one box contains the other, however different their sizes are.

    Args:
        a: (n, 4) boxes.
        b: (m, 4) boxes.

    Returns:
        (n, m) values from 0 to 1; 0 where the smaller box is empty.
    """
    return _ratio(_intersection(a, b), np.minimum(_area(a)[:, None], _area(b)[None]))


def square_sides(xyxy: F32) -> F32:
    """Side in pixels (n,) of the square with the area of each box (n, 4), at least 1."""
    return np.maximum(np.sqrt(_area(xyxy)), np.float32(1))


def inside(xyxy: F32, size_wh: tuple[int, int]) -> F32:
    """The boxes (n, 4), cut at the edges of a picture of this size; empty if they are outside."""
    width, height = size_wh
    cut: F32 = np.clip(xyxy, 0, np.array([width, height, width, height], np.float32))
    return cut


def _area(xyxy: F32) -> F32:
    area: F32 = np.prod(np.clip(xyxy[:, 2:] - xyxy[:, :2], 0, None), axis=1)
    return area


def _intersection(a: F32, b: F32) -> F32:
    top_left = np.maximum(a[:, None, :2], b[None, :, :2])
    bottom_right = np.minimum(a[:, None, 2:], b[None, :, 2:])
    area: F32 = np.prod(np.clip(bottom_right - top_left, 0, None), axis=2)
    return area


def _ratio(part: F32, whole: F32) -> F32:
    """`part / whole`, 0 where `whole` is not positive."""
    ratio: F32 = np.divide(part, whole, out=np.zeros(part.shape, np.float32), where=whole > 0)
    return ratio
