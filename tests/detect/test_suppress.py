"""Overlap and suppression of boxes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realtime.core.faces import F32, Faces
from realtime.detect.suppress import (
    iou,
    suppress,
    suppress_contained,
    suppress_weighted,
)

boxes = arrays(
    np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.integers(0, 50)
).map(lambda a: np.concatenate([a[:, :2], a[:, :2] + a[:, 2:] + 1], axis=1))


@given(boxes, boxes)
def test_iou_is_symmetric_and_between_0_and_1(a: F32, b: F32) -> None:
    overlap = iou(a, b)
    assert overlap.shape == (len(a), len(b))
    assert ((overlap >= 0) & (overlap <= 1 + 1e-6)).all()
    np.testing.assert_allclose(overlap, iou(b, a).T, atol=1e-6)
    np.testing.assert_allclose(np.diag(iou(a, a)), 1, atol=1e-6)


def test_iou_of_known_boxes() -> None:
    a = np.array([[0, 0, 10, 10]], np.float32)
    b = np.array([[0, 0, 10, 5], [10, 10, 20, 20], [3, 3, 3, 9]], np.float32)
    np.testing.assert_allclose(iou(a, b), [[0.5, 0, 0]])


@given(boxes)
def test_what_is_kept_does_not_overlap_and_what_is_dropped_did(xyxy: F32) -> None:
    score = np.linspace(1, 0, len(xyxy), dtype=np.float32)
    kept = suppress(xyxy, score, max_iou=0.3)
    overlap = iou(xyxy, xyxy)
    assert all(overlap[i, j] <= 0.3 for i in kept for j in kept if i != j)
    for dropped in set(range(len(xyxy))) - set(kept.tolist()):
        assert max(overlap[dropped, i] for i in kept) > 0.3


def test_weighted_suppression_gives_one_mean_face_a_cluster() -> None:
    faces = Faces(
        xyxy=np.array([[0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]], np.float32),
        score=np.array([0.9, 0.3, 0.6], np.float32),
        keypoints=np.zeros((3, 6, 2), np.float32),
    )
    merged = suppress_weighted(faces, max_iou=0.3)
    assert merged.score.tolist() == pytest.approx([0.9, 0.6])
    assert merged.xyxy[0].tolist() == pytest.approx([0.5, 0, 10.5, 10])
    assert len(suppress_weighted(faces[:0], max_iou=0.3)) == 0


@pytest.mark.parametrize(("scores", "kept"), [((0.9, 0.5), 0), ((0.5, 0.9), 1)])
def test_a_part_of_a_face_is_no_face_of_its_own(scores: tuple[float, float], kept: int) -> None:
    """One box lies in a larger one: iou alone would let both stand."""
    faces = Faces.from_boxes([[0, 0, 100, 100], [20, 30, 60, 70], [60, 60, 140, 140]], [*scores, 1])
    assert iou(faces.xyxy, faces.xyxy)[0, 1] < 0.2
    alone = suppress_contained(faces, most_share=0.7)
    assert alone.xyxy.tolist() == faces.xyxy[[2, kept]].tolist()
    assert len(suppress_contained(Faces.empty(), most_share=0.7)) == 0
