"""Found boxes are given to the true ones, each at most once."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.detected_crops import SAME_FACE_IOU, match

TRUE = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], np.float32)


def test_nothing_found_or_nothing_there() -> None:
    none = np.zeros((0, 4), np.float32)
    assert match(none, TRUE).tolist() == []
    assert match(TRUE, none).tolist() == [-1, -1]


def test_each_true_box_is_given_once_to_the_best() -> None:
    found = np.array([[1, 1, 11, 11], [0, 0, 10, 10], [20, 1, 30, 11], [50, 50, 60, 60]], "float32")
    assert match(found, TRUE).tolist() == [-1, 0, 1, -1]


boxes = arrays(np.float32, st.tuples(st.integers(0, 6), st.just(4)), elements=st.integers(0, 40))


@given(boxes, boxes)
def test_matches_are_one_to_one_and_overlap(found: np.ndarray, true: np.ndarray) -> None:  # type: ignore[type-arg]
    from realtime.core.geometry import iou

    for b in (found, true):
        b[:, 2:] += b[:, :2] + 1
    result = match(found, true)
    given_ = result[result >= 0]
    assert len(set(given_.tolist())) == len(given_)
    for i, k in enumerate(result):
        if k >= 0:
            assert iou(found[[i]], true[[k]])[0, 0] >= SAME_FACE_IOU
