"""Detection metrics: known cases and invariants."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from realtime.core.faces import F32
from training.detector.score import (
    FALSE_POSITIVE,
    IGNORED,
    Picture,
    average_precision,
    curve,
    match,
)

A, B, C = [0, 0, 10, 10], [100, 0, 110, 10], [200, 0, 210, 10]
NOWHERE = [500, 500, 510, 510]


def picture(
    detections: list[tuple[list[int], float]],
    truth: list[list[int]],
    ignored: list[bool] | None = None,
) -> Picture:
    return Picture(
        np.array([box for box, _ in detections], np.float32).reshape(-1, 4),
        np.array([score for _, score in detections], np.float32),
        np.array(truth, np.float32).reshape(-1, 4),
        None if ignored is None else np.array(ignored, np.bool_),
    )


@pytest.mark.parametrize(
    ("detections", "truth", "ignored", "expected"),
    [
        ([], [], None, []),
        ([], [A], None, []),
        ([(A, 0.9)], [], None, [FALSE_POSITIVE]),
        ([(A, 0.9)], [B, A], None, [1]),
        # The detection with the higher score is matched, whatever the order.
        ([(A, 0.4), (A, 0.6)], [A], None, [FALSE_POSITIVE, 0]),
        # An ignored face absorbs any number of detections, but none that matches another face.
        ([(A, 0.4), (A, 0.6)], [A], [True], [IGNORED, IGNORED]),
        ([(A, 0.4), (A, 0.6)], [A, A], [True, False], [IGNORED, 1]),
        # An IoU of 0.5 is a match, less is not.
        ([([0, 0, 10, 5], 0.5)], [A], None, [0]),
        ([([0, 0, 10, 4], 0.5)], [A], None, [FALSE_POSITIVE]),
        # Each detection is matched to the free face with the largest overlap.
        ([([1, 0, 11, 10], 0.9), ([0, 0, 10, 10], 0.8)], [A, [2, 0, 12, 10]], None, [0, 1]),
    ],
)
def test_match(
    detections: list[tuple[list[int], float]],
    truth: list[list[int]],
    ignored: list[bool] | None,
    expected: list[int],
) -> None:
    assert match(picture(detections, truth, ignored)).tolist() == expected


def test_curve_matches_values_computed_by_hand() -> None:
    # By descending score: true, false, true, true (two at once); one face of five is ignored.
    pictures = [
        picture([(A, 0.9), (NOWHERE, 0.8), (B, 0.7)], [A, B]),
        picture([(A, 0.5), (B, 0.5), (C, 0.95)], [A, B, C], [False, False, True]),
    ]
    result = curve(pictures)
    assert result.faces == 4
    assert result.score.tolist() == pytest.approx([0.9, 0.8, 0.7, 0.5])
    assert result.precision.tolist() == pytest.approx([1, 1 / 2, 2 / 3, 4 / 5])
    assert result.recall.tolist() == pytest.approx([1 / 4, 1 / 4, 2 / 4, 1])
    assert result.f1.tolist() == pytest.approx([2 / 5, 2 / 6, 4 / 7, 8 / 9])
    assert result.average_precision() == pytest.approx(0.25 * 1 + 0.75 * 0.8)
    best = result.best()
    assert best.min_score == pytest.approx(0.5)
    assert (best.true_positives, best.false_positives) == (4, 1)
    assert best.f1 == pytest.approx(8 / 9)
    assert best.false_positives_per_picture == 0.5
    between = result.at(0.75)
    assert (between.precision, between.recall) == (0.5, 0.25)
    assert between.false_positives_per_picture == 0.5


def test_threshold_above_all_scores_gives_no_detections() -> None:
    nothing = curve([picture([(A, 0.5)], [A])]).at(0.6)
    assert (nothing.precision, nothing.recall, nothing.f1) == (1, 0, 0)


def test_pictures_without_faces_count_only_false_positives() -> None:
    empty = curve([picture([(A, 0.5)], []), picture([], [])])
    assert empty.average_precision() == 0
    assert empty.at(0.2).false_positives_per_picture == 0.5
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
def test_ratios_are_in_range_and_recall_is_monotonic(given_pictures: list[Picture]) -> None:
    result = curve(given_pictures)
    for ratio in (result.precision, result.recall, result.f1):
        assert ((ratio >= 0) & (ratio <= 1)).all()
    assert (np.diff(result.recall) >= 0).all()
    assert (np.diff(result.score) < 0).all()
    assert 0 <= result.average_precision() <= 1 + 1e-9
    assert result.best().f1 == result.f1.max(initial=0)
    for row, score in enumerate(result.score):
        here = result.at(score)
        assert here.true_positives == result.true_positives[row]
        assert here.false_positives == result.false_positives[row]


@given(pictures())
def test_faces_are_matched_at_most_once(p: Picture) -> None:
    result = match(p)
    hit = result[result >= 0]
    assert len(set(hit.tolist())) == len(hit)
    assert p.ignored is not None
    assert not p.ignored[hit].any()
    assert len(match(Picture(p.xyxy[:0], p.score[:0], p.truth, p.ignored))) == 0


@given(boxes)
def test_true_boxes_score_perfectly(truth: F32) -> None:
    truth = np.unique(truth, axis=0)
    perfect = Picture(truth, np.full(len(truth), 0.7, np.float32), truth)
    expected = 1 if len(truth) else 0
    assert average_precision([perfect]) == pytest.approx(expected)
    assert curve([perfect]).best().f1 == pytest.approx(expected)


@given(st.lists(pictures(), max_size=3), st.floats(0.1, 5))
def test_average_precision_depends_only_on_the_order_of_scores(
    given_pictures: list[Picture], stretch: float
) -> None:
    stretched = [
        Picture(p.xyxy, (p.score * stretch).astype(np.float32), p.truth, p.ignored)
        for p in given_pictures
    ]
    assert average_precision(stretched) == pytest.approx(average_precision(given_pictures))


@given(pictures())
def test_no_true_positives_when_all_faces_are_ignored(p: Picture) -> None:
    result = curve([Picture(p.xyxy, p.score, p.truth, np.ones(len(p.truth), np.bool_))])
    assert result.faces == 0
    assert result.true_positives.sum() == 0
