"""Answers: checked on creation; labels, doubts and slices agree with the probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import ATTRIBUTES, EMOTION, MASK, Attribute
from realtime.core.answers import UNSURE, Answers, Doubt
from tests.builders import answers, unknown
from tests.core.strategies import answers_of, counts, indices

HAPPY = [0.1, 0, 0, 0.6, 0.1, 0.1, 0.1]


@pytest.mark.parametrize(
    ("prob", "doubt", "message"),
    [
        (np.zeros((3, 6), np.float32), None, r"prob has shape \(3, 6\), expected \(any, 7\)"),
        (np.zeros(7, np.float32), None, r"prob has shape \(7,\), expected \(any, 7\)"),
        (np.zeros((3, 7)), None, "prob has dtype float64, expected float32"),
        (
            np.zeros((3, 7), np.float32),
            np.zeros(2, np.uint8),
            r"doubt has shape \(2,\), expected \(3,\)",
        ),
        (
            np.zeros((3, 7), np.float32),
            np.zeros(3, bool),
            "doubt has dtype bool, expected uint8",
        ),
    ],
)
def test_wrong_shapes_and_dtypes_are_named(
    prob: np.ndarray, doubt: np.ndarray | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        Answers(EMOTION.labels, prob, doubt)


def test_label_is_the_most_probable_one() -> None:
    assert answers(EMOTION, [HAPPY]).label(0) == ("happy", pytest.approx(0.6))


def test_the_label_shown_may_be_another_than_the_most_probable_one() -> None:
    probable = answers(EMOTION, [HAPPY, HAPPY])
    shown = Answers(EMOTION.labels, probable.prob, shown=np.array([6, 3]))
    assert shown.label(0) == ("neutral", pytest.approx(float(probable.prob[0, 6])))
    assert shown[[1]].label(0) == probable.label(1)
    assert shown.column.tolist() == [6, 3]
    with pytest.raises(ValueError, match=r"shown has shape \(1,\), expected \(2,\)"):
        Answers(EMOTION.labels, probable.prob, shown=np.array([6]))


def test_unsure_answer_keeps_its_probability_but_no_label() -> None:
    unsure = answers(EMOTION, [HAPPY], doubts=[Doubt.SMALL])
    assert unsure.label(0) == (UNSURE, pytest.approx(0.6))


def test_unknown_answer_has_no_label() -> None:
    assert unknown(EMOTION).label(0) is None
    assert answers(EMOTION, np.full((1, 7), np.nan), doubts=[Doubt.SMALL]).label(0) is None


def test_answers_are_sure_where_they_were_not_judged() -> None:
    unjudged = answers(MASK, [[0, 0.9, 0.1]] * 2)
    assert unjudged.sure.tolist() == [True, True]
    assert unjudged.doubts(0) == []


def test_doubts_are_listed_and_make_an_answer_unsure() -> None:
    doubted = answers(MASK, [[0, 0.9, 0.1]] * 2, doubts=[0, Doubt.SMALL | Doubt.TURNED])
    assert doubted.sure.tolist() == [True, False]
    assert [doubted.label(i) for i in (0, 1)] == [
        ("without_mask", pytest.approx(0.9)),
        (UNSURE, pytest.approx(0.9)),
    ]
    assert doubted.doubts(0) == []
    assert doubted.doubts(1) == [Doubt.SMALL, Doubt.TURNED]


@given(st.data(), st.sampled_from(list(ATTRIBUTES.values())), counts)
def test_slice_has_the_labels_and_doubts_of_the_selected_faces(
    data: st.DataObject, attribute: Attribute, n: int
) -> None:
    whole = data.draw(answers_of(attribute, n))
    index = data.draw(indices(n))
    positions = np.arange(n)[index].tolist()
    part = whole[index]
    assert part.labels == whole.labels
    assert len(part) == len(positions)
    assert (part.doubt is None) == (whole.doubt is None)
    np.testing.assert_array_equal(part.prob, whole.prob[positions])
    np.testing.assert_array_equal(part.sure, whole.sure[positions])
    for j, i in enumerate(positions):
        assert part.label(j) == whole.label(i)
        assert part.doubts(j) == whole.doubts(i)


@given(st.data(), st.sampled_from(list(ATTRIBUTES.values())), counts)
def test_labels_agree_with_probabilities_and_doubts(
    data: st.DataObject, attribute: Attribute, n: int
) -> None:
    judged = data.draw(answers_of(attribute, n))
    for i, prob in enumerate(judged.prob):
        label = judged.label(i)
        assert (label is None) == bool(np.isnan(prob).any())
        if label is None:
            continue
        column = int(judged.column[i])
        assert label[1] == prob[column]
        assert judged.shown is not None or prob[column] == prob.max()
        assert (label[0] == UNSURE) == bool(judged.doubts(i))
        assert judged.sure[i] == (label[0] != UNSURE)
        assert label[0] in (UNSURE, judged.labels[column])
