"""Weighted boxes fusion: what several detectors say of one face becomes one answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.core.faces import Faces, Frame
from realtime.detect.ensemble import USUAL_EYES, Ensemble, Member, even, fuse

SIZE = (200, 100)


class Fixed:
    """A detector that always gives the same answers, from a least score on."""

    def __init__(self, faces: Faces) -> None:
        self.faces = faces
        self.asked: list[float] = []

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        self.asked.append(min_score)
        return self.faces[self.faces.score >= min_score]


def test_agreement_counts_for_more_than_one_sure_answer() -> None:
    a = Faces.from_boxes([[10, 10, 30, 30], [100, 10, 120, 30]], [0.8, 0.9])
    b = Faces.from_boxes([[12, 10, 32, 30]], [0.6])
    fused = fuse([a, b], [1, 1], SIZE)
    np.testing.assert_allclose(fused.score, [0.7, 0.45], atol=1e-5)
    x = (0.8 * 10 + 0.6 * 12) / 1.4  # each box counts by its score
    np.testing.assert_allclose(fused.xyxy, [[x, 10, x + 20, 30], [100, 10, 120, 30]], atol=1e-3)


def test_a_weight_makes_a_word_count_for_more() -> None:
    a, b = (Faces.from_boxes([box], [0.6]) for box in ([10, 10, 30, 30], [100, 10, 120, 30]))
    fused = fuse([a, b], [3, 1], SIZE)
    np.testing.assert_allclose(fused.score, [0.6 * 3 / 4, 0.6 / 4], atol=1e-5)


def test_no_answers_give_no_faces() -> None:
    fused = fuse([Faces.empty(), Faces.empty()], [1, 1], SIZE)
    assert len(fused) == 0
    assert fused.keypoints is not None
    assert fused.keypoints.shape == (0, 2, 2)
    outside = Faces.from_boxes([[-50, -50, -10, -10], [300, 10, 320, 30]])
    assert len(fuse([outside, Faces.empty()], [1, 1], SIZE)) == 0


def test_eyes_come_from_the_surest_member_that_has_any() -> None:
    box, eyes = [10, 10, 30, 30], np.array([[[15, 17], [25, 18], [20, 22]]], np.float32)
    blind = Faces.from_boxes([box, [100, 10, 140, 50]], [0.9, 0.9])
    doubtful = Faces.from_boxes([box], [0.3]).with_(keypoints=eyes + 1)
    sure = Faces.from_boxes([box], [0.5]).with_(keypoints=eyes)
    fused = fuse([blind, doubtful, sure], [1, 1, 1], SIZE)
    assert fused.keypoints is not None
    np.testing.assert_allclose(fused.keypoints[0], eyes[0, :2])
    np.testing.assert_allclose(fused.keypoints[1], [100, 10] + 40 * USUAL_EYES)  # nobody's


def test_each_members_least_score_means_the_same() -> None:
    a, b = (Fixed(Faces.from_boxes([[10, 10, 30, 30]], [score])) for score in (0.9, 0.2))
    ensemble = Ensemble([a, b], [Member(0.9), Member(0.2)])
    frame = np.zeros((100, 200, 3), np.uint8)
    found = ensemble.detect(frame, min_score=0.4)
    np.testing.assert_allclose(found.score, [0.5], atol=1e-6)
    assert len(ensemble.detect(frame, min_score=0.6)) == 0
    assert a.asked[0] < 0.9  # weak answers count as agreement
    assert b.asked[0] < 0.2


@given(st.floats(0.02, 0.98), st.lists(st.floats(0, 1, width=32), min_size=2, max_size=9))
def test_even_keeps_the_order_and_the_ends(least: float, scores: list[float]) -> None:
    ordered = np.sort(np.asarray(scores, np.float32))
    scaled = even(ordered, least)
    assert (np.diff(scaled) >= 0).all()
    assert ((scaled >= 0) & (scaled <= 1)).all()
    ends = even(np.array([0, least, 1], np.float32), least)
    np.testing.assert_allclose(ends, [0, 0.5, 1], atol=1e-5)


corner, side = st.integers(0, 60), st.integers(5, 30)
answers = st.lists(st.tuples(corner, corner, side, st.floats(0.1, 1)), max_size=5).map(
    lambda rows: Faces.from_boxes(
        np.array([[x, y, x + s, y + s] for x, y, s, _ in rows]), [score for *_, score in rows]
    )
)


@given(st.lists(answers, min_size=2, max_size=3))
def test_fused_boxes_lie_within_what_was_answered(given_answers: list[Faces]) -> None:
    fused = fuse(given_answers, [1.0] * len(given_answers), SIZE)
    said = np.concatenate([a.xyxy for a in given_answers])
    assert len(fused) <= len(said)
    assert (np.diff(fused.score) <= 1e-6).all()
    if len(said):
        assert len(fused) >= 1
        assert (fused.xyxy >= said.min(axis=0) - 0.01).all()
        assert (fused.xyxy <= said.max(axis=0) + 0.01).all()
        assert fused.score.max() <= np.concatenate([a.score for a in given_answers]).max() + 1e-5


def test_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="zip"):
        Ensemble([Fixed(Faces.empty())], [Member(0.5), Member(0.5)])
