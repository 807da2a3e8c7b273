"""Ensemble of detectors: common scale of scores, fusion, and the choice of eyes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import Faces, Frame
from realtime.detect.ensemble import UPRIGHT_EYES, Ensemble, Member, fuse, rescale_score

SIZE = (200, 100)


class FakeDetector:
    """Returns the same faces for every picture and records the thresholds it was called with."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.min_scores: list[float] = []

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        self.min_scores.append(min_score)
        return self.faces[self.faces.score >= min_score]


def test_two_agreeing_members_outscore_one_confident_member() -> None:
    a = Faces.from_boxes([[10, 10, 30, 30], [100, 10, 120, 30]], [0.8, 0.9])
    b = Faces.from_boxes([[12, 10, 32, 30]], [0.6])
    fused = fuse([a, b], [1, 1], SIZE)
    np.testing.assert_allclose(fused.score, [0.7, 0.45], atol=1e-5)
    x = (0.8 * 10 + 0.6 * 12) / 1.4  # weighted by score
    np.testing.assert_allclose(fused.xyxy, [[x, 10, x + 20, 30], [100, 10, 120, 30]], atol=1e-3)


def test_a_higher_weight_gives_a_higher_score() -> None:
    a, b = (Faces.from_boxes([box], [0.6]) for box in ([10, 10, 30, 30], [100, 10, 120, 30]))
    fused = fuse([a, b], [3, 1], SIZE)
    np.testing.assert_allclose(fused.score, [0.6 * 3 / 4, 0.6 / 4], atol=1e-5)


def test_no_detections_or_only_some_outside_the_picture_give_no_faces() -> None:
    fused = fuse([Faces.empty(), Faces.empty()], [1, 1], SIZE)
    assert len(fused) == 0
    assert fused.keypoints is not None
    assert fused.keypoints.shape == (0, 2, 2)
    outside = Faces.from_boxes([[-50, -50, -10, -10], [300, 10, 320, 30]])
    assert len(fuse([outside, Faces.empty()], [1, 1], SIZE)) == 0


def test_eyes_come_from_the_highest_scoring_member_with_key_points() -> None:
    box, eyes = [10, 10, 30, 30], np.array([[[15, 17], [25, 18], [20, 22]]], np.float32)
    no_eyes = Faces.from_boxes([box, [100, 10, 140, 50]], [0.9, 0.9])
    low = Faces.from_boxes([box], [0.3]).with_(keypoints=eyes + 1)
    high = Faces.from_boxes([box], [0.5]).with_(keypoints=eyes)
    fused = fuse([no_eyes, low, high], [1, 1, 1], SIZE)
    assert fused.keypoints is not None
    np.testing.assert_allclose(fused.keypoints[0], eyes[0, :2])
    np.testing.assert_allclose(fused.keypoints[1], [100, 10] + 40 * UPRIGHT_EYES)


def test_each_members_min_score_maps_to_one_half() -> None:
    a, b = (FakeDetector(Faces.from_boxes([[10, 10, 30, 30]], [score])) for score in (0.9, 0.2))
    ensemble = Ensemble([a, b], [Member(0.9), Member(0.2)])
    frame = np.zeros((100, 200, 3), np.uint8)
    faces = ensemble.detect(frame, min_score=0.4)
    np.testing.assert_allclose(faces.score, [0.5], atol=1e-6)
    assert len(ensemble.detect(frame, min_score=0.6)) == 0
    assert a.min_scores[0] < 0.9  # weak detections count as agreement
    assert b.min_scores[0] < 0.2


@given(st.floats(0.02, 0.98), st.lists(st.floats(0, 1, width=32), min_size=2, max_size=9))
def test_rescaled_scores_keep_their_order_and_range(min_score: float, scores: list[float]) -> None:
    ordered = np.sort(np.asarray(scores, np.float32))
    scaled = rescale_score(ordered, min_score)
    assert (np.diff(scaled) >= 0).all()
    assert ((scaled >= 0) & (scaled <= 1)).all()
    ends = rescale_score(np.array([0, min_score, 1], np.float32), min_score)
    np.testing.assert_allclose(ends, [0, 0.5, 1], atol=1e-5)


corner, side = st.integers(0, 60), st.integers(5, 30)
faces_lists = st.lists(st.tuples(corner, corner, side, st.floats(0.1, 1)), max_size=5).map(
    lambda rows: Faces.from_boxes(
        np.array([[x, y, x + s, y + s] for x, y, s, _ in rows]), [score for *_, score in rows]
    )
)


@given(st.lists(faces_lists, min_size=2, max_size=3))
def test_fused_boxes_and_scores_stay_within_those_of_the_members(detections: list[Faces]) -> None:
    fused = fuse(detections, [1.0] * len(detections), SIZE)
    boxes = np.concatenate([faces.xyxy for faces in detections])
    assert len(fused) <= len(boxes)
    assert (np.diff(fused.score) <= 1e-6).all()
    if len(boxes):
        assert len(fused) >= 1
        assert (fused.xyxy >= boxes.min(axis=0) - 0.01).all()
        assert (fused.xyxy <= boxes.max(axis=0) + 0.01).all()
        max_score = max(faces.score.max(initial=0) for faces in detections)
        assert fused.score.max() <= max_score + 1e-5


def test_detectors_and_members_must_have_the_same_length() -> None:
    with pytest.raises(ValueError, match="zip"):
        Ensemble([FakeDetector(Faces.empty())], [Member(0.5), Member(0.5)])
