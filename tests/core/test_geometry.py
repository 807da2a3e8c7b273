"""Overlap between boxes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realtime.core.faces import F32
from realtime.core.geometry import iou, overlap_of_smaller

boxes = arrays(
    np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.integers(0, 50)
).map(lambda a: np.concatenate([a[:, :2], a[:, :2] + a[:, 2:] + 1], axis=1))


@given(boxes, boxes)
def test_overlaps_are_symmetric_and_between_0_and_1(a: F32, b: F32) -> None:
    for overlap in (iou, overlap_of_smaller):
        value = overlap(a, b)
        assert value.shape == (len(a), len(b))
        assert value.dtype == np.float32
        assert ((value >= 0) & (value <= 1 + 1e-6)).all()
        np.testing.assert_allclose(value, overlap(b, a).T, atol=1e-6)
        np.testing.assert_allclose(np.diag(overlap(a, a)), 1, atol=1e-6)


def test_iou_of_known_boxes() -> None:
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[0, 0, 10, 5], [10, 10, 20, 20], [3, 3, 3, 9]], np.float32)
    np.testing.assert_allclose(iou(a, b), [[0.5, 0, 0]])


def test_a_contained_box_overlaps_completely() -> None:
    a = np.array([[0, 0, 100, 100]], np.float32)
    b = np.array([[10, 10, 20, 20], [90, 0, 110, 100], [3, 3, 3, 9]], np.float32)
    np.testing.assert_allclose(overlap_of_smaller(a, b), [[1, 0.5, 0]])
