"""Matching, precision, recall and average precision: known cases, and what always holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realtime.core.faces import F32
from training.detector.score import (
    IGNORED,
    MISTAKE,
    Picture,
    average_precision,
    curve,
    match,
)

A, B, C = [0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10]
NOWHERE = [500, 500, 510, 510]


def picture(
    answers: list[tuple[list[int], float]],
    truth: list[list[int]],
    ignored: list[bool] | None = None,
) -> Picture:
    return Picture(
        np.array([box for box, _ in answers], np.float32).reshape(-1, 4),
        np.array([score for _, score in answers], np.float32),
        np.array(truth, np.float32).reshape(-1, 4),
        None if ignored is None else np.array(ignored, np.bool_),
    )


@pytest.mark.parametrize(
    ("answers", "truth", "ignored", "expected"),
    [
        ([], [], None, []),
        ([], [A], None, []),
        ([(A, 0.9)], [], None, [MISTAKE]),
        ([(A, 0.9)], [B, A], None, [1]),
        # The surer of two answers has the face, wherever it stands.
        ([(A, 0.4), (A, 0.6)], [A], None, [MISTAKE, 0]),
        # An ignored face takes any number of answers, but never one that fits a face that counts.
        ([(A, 0.4), (A, 0.6)], [A], [True], [IGNORED, IGNORED]),
        ([(A, 0.4), (A, 0.6)], [A, A], [True, False], [IGNORED, 1]),
        # Half covered counts, less does not.
        ([([0, 0, 10, 5], 0.5)], [A], None, [0]),
        ([([0, 0, 10, 4], 0.5)], [A], None, [MISTAKE]),
        # Each answer takes the face that it covers best of those left.
        ([([1, 0, 11, 10], 0.9), ([0, 0, 10, 10], 0.8)], [A, [2, 0, 12, 10]], None, [0, 1]),
    ],
)
def test_matching(
    answers: list[tuple[list[int], float]],
    truth: list[list[int]],
    ignored: list[bool] | None,
    expected: list[int],
) -> None:
    assert match(picture(answers, truth, ignored)).tolist() == expected


def test_a_curve_computed_by_hand() -> None:
    # By falling score: hit, mistake, hit, hit (two at once); one face of five is ignored.
    pictures = [
        picture([(A, 0.9), (NOWHERE, 0.8), (B, 0.7)], [A, B]),
        picture([(A, 0.5), (B, 0.5), (C, 0.95)], [A, B, C], [False, False, True]),
    ]
    found = curve(pictures)
    assert found.faces == 4
    assert found.score.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.5])
    assert found.precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 4 / 5])
    assert found.recall.tolist() == pytest.approx([1 / 4, 1 / 4, 2 / 4, 1])
    assert found.f1.tolist() == pytest.approx([2 / 5, 2 / 6, 4 / 7, 8 / 9])
    assert found.average_precision() == pytest.approx(0.25 * 1 + 0.75 * 0.8)
    best = found.best()
    assert (best.min_score, best.hits, best.mistakes) == (pytest.approx(0.5), 4, 1)
    assert best.f1 == pytest.approx(8 / 9)
    assert best.mistakes_per_picture == 0.5
    between = found.at(0.75)
    assert (between.precision, between.recall, between.mistakes_per_picture) == (0.5, 0.25, 0.5)


def test_above_all_scores_nothing_is_answered() -> None:
    nothing = curve([picture([(A, 0.5)], [A])]).at(0.6)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 0, 0)


def test_without_faces_only_the_mistakes_are_told() -> None:
    empty = curve([picture([(A, 0.5)], []), picture([], [])])
    assert empty.average_precision() == 0
    assert empty.at(0.2).mistakes_per_picture == 0.5
    assert curve([]).best().f1 == 0


boxes = arrays(
    np.float32, st.tuples(st.integers(0, 8), st.just(4)), elements=st.integers(0, 20)
).map(lambda a: np.concatenate([a[:, :2], a[:, :2] + a[:, 2:] + 1], axis=1))


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    xyxy, truth = draw(boxes), draw(boxes)
    score = draw(arrays(np.float32, len(xyxy), elements=st.integers(0, 5)))
    ignored = draw(arrays(np.bool_, len(truth)))
    return Picture(xyxy, score / 5, truth, ignored)


@given(st.lists(pictures(), max_size=4))
def test_shares_stay_between_0_and_1_and_recall_never_falls(given_pictures: list[Picture]) -> None:
    found = curve(given_pictures)
    for share in (found.precision, found.recall, found.f1):
        assert ((share >= 0) & (share <= 1)).all()
    assert (np.diff(found.recall) >= 0).all()
    assert (np.diff(found.score) < 0).all()
    assert 0 <= found.average_precision() <= 1 + 1e-9
    assert found.best().f1 == found.f1.max(initial=0)
    for row, score in enumerate(found.score):
        here = found.at(score)
        assert (here.hits, here.mistakes) == (found.hits[row], found.mistakes[row])


@given(pictures())
def test_a_face_is_hit_once_and_only_where_it_is_covered(p: Picture) -> None:
    result = match(p)
    hit = result[result >= 0]
    assert len(set(hit.tolist())) == len(hit)
    assert p.ignored is not None
    assert not p.ignored[hit].any()
    assert len(match(Picture(p.xyxy[:0], p.score[:0], p.truth, p.ignored))) == 0


@given(boxes)
def test_the_truth_itself_is_a_perfect_answer(truth: F32) -> None:
    truth = np.unique(truth, axis=0)
    perfect = Picture(truth, np.full(len(truth), 0.7, np.float32), truth)
    expected = 1 if len(truth) else 0
    assert average_precision([perfect]) == pytest.approx(expected)
    assert curve([perfect]).best().f1 == pytest.approx(expected)


@given(st.lists(pictures(), max_size=3), st.floats(0.1, 5))
def test_only_the_order_of_the_scores_matters_for_the_area(
    given_pictures: list[Picture], stretch: float
) -> None:
    stretched = [
        Picture(p.xyxy, (p.score * stretch).astype(np.float32), p.truth, p.ignored)
        for p in given_pictures
    ]
    assert average_precision(stretched) == pytest.approx(average_precision(given_pictures))


@given(pictures())
def test_ignoring_all_faces_leaves_only_answers_beside_them(p: Picture) -> None:
    found = curve([Picture(p.xyxy, p.score, p.truth, np.ones(len(p.truth), np.bool_))])
    assert found.faces == 0
    assert found.hits.sum() == 0
