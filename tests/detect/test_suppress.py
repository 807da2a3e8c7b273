"""Non-maximum suppression."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from realtime.core.faces import F32, Faces
from realtime.core.geometry import iou
from realtime.detect.suppress import (
    greedy_groups,
    greedy_keep,
    suppress_contained,
    weighted_nms,
)

boxes = arrays(
    np.float32, st.tuples(st.integers(0, 12), st.just(4)), elements=st.integers(0, 50)
).map(lambda a: np.concatenate([a[:, :2], a[:, :2] + a[:, 2:] + 1], axis=1))
conflict_matrices = st.integers(0, 12).flatmap(
    lambda n: arrays(np.bool_, (n, n)).map(lambda a: a | a.T)
)


@pytest.mark.parametrize(
    ("pairs", "groups"),
    [
        ([], [0, 1, 2, 3]),
        ([(0, 1), (1, 2)], [0, 0, 2, 3]),  # a dropped candidate drops no other
        ([(0, 3), (1, 3), (1, 2)], [0, 1, 1, 0]),  # the best keeper wins
    ],
)
def test_candidates_join_the_first_keeper_they_conflict_with(
    pairs: list[tuple[int, int]], groups: list[int]
) -> None:
    conflicts = np.zeros((4, 4), bool)
    for i, j in pairs:
        conflicts[i, j] = conflicts[j, i] = True
    assert greedy_groups(conflicts).tolist() == groups
    assert greedy_keep(conflicts).tolist() == [g == i for i, g in enumerate(groups)]


@given(conflict_matrices)
def test_kept_candidates_do_not_conflict_and_dropped_ones_do(conflicts: NDArray[np.bool_]) -> None:
    keep = greedy_keep(conflicts)
    kept = np.flatnonzero(keep)
    assert not any(conflicts[i, j] for i in kept for j in kept if i != j)
    for i in np.flatnonzero(~keep):
        assert conflicts[i, kept[kept < i]].any()


@given(boxes)
def test_each_group_of_boxes_becomes_one_face(xyxy: F32) -> None:
    score = np.linspace(0.1, 1, len(xyxy), dtype=np.float32)
    faces = Faces(xyxy=xyxy, score=score, keypoints=np.zeros((len(xyxy), 5, 2), np.float32))
    merged = weighted_nms(faces, max_iou=0.3)
    best_first = xyxy[::-1]
    keeper = greedy_groups(iou(best_first, best_first) > 0.3)
    kept = np.unique(keeper)
    assert merged.score.tolist() == score[::-1][kept].tolist()
    for k, mean in zip(kept, merged.xyxy, strict=True):
        group = best_first[keeper == k]
        assert (mean >= group.min(axis=0) - 1e-3).all()
        assert (mean <= group.max(axis=0) + 1e-3).all()


def test_weighted_nms_gives_one_mean_face_per_cluster() -> None:
    faces = Faces(
        xyxy=np.array([[0, 0, 10, 10], [2, 0, 12, 10], [50, 50, 60, 60]], np.float32),
        score=np.array([0.9, 0.3, 0.6], np.float32),
        keypoints=np.zeros((3, 6, 2), np.float32),
    )
    merged = weighted_nms(faces, max_iou=0.3)
    assert merged.score.tolist() == pytest.approx([0.9, 0.6])
    assert merged.xyxy[0].tolist() == pytest.approx([0.5, 0, 10.5, 10])
    assert merged.keypoints is not None
    assert merged.keypoints.shape == (2, 6, 2)
    empty = weighted_nms(faces[:0], max_iou=0.3)
    assert empty.keypoints is not None
    assert empty.keypoints.shape == (0, 6, 2)


def test_weighted_nms_needs_key_points() -> None:
    with pytest.raises(ValueError, match="needs key points"):
        weighted_nms(Faces.empty(), max_iou=0.3)


@pytest.mark.parametrize(("scores", "kept"), [((0.9, 0.5), 0), ((0.5, 0.9), 1)])
def test_part_of_a_face_is_dropped(scores: tuple[float, float], kept: int) -> None:
    """A box inside a larger one: intersection over union alone would keep both."""
    faces = Faces.from_boxes([[0, 0, 100, 100], [20, 30, 60, 70], [60, 60, 140, 140]], [*scores, 1])
    assert iou(faces.xyxy, faces.xyxy)[0, 1] < 0.2
    remaining = suppress_contained(faces, max_share=0.7)
    assert remaining.xyxy.tolist() == faces.xyxy[[2, kept]].tolist()
    assert len(suppress_contained(Faces.empty(), max_share=0.7)) == 0
