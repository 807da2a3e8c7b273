"""Faces: shapes are checked on creation, and picking and joining keep the arrays in step."""

import numpy as np
import pytest

from realtime.core.faces import EMOTION_LABELS, UNSURE, Doubt, Faces, label_of


def some_faces(n: int) -> Faces:
    return Faces(
        xyxy=np.arange(4 * n, dtype=np.float32).reshape(n, 4),
        score=np.linspace(0.5, 1, n, dtype=np.float32),
        landmarks=np.zeros((n, 468, 3), np.float32),
        track_id=np.arange(n, dtype=np.int64),
    )


@pytest.mark.parametrize("n", [0, 1, 3])
def test_any_number_of_faces_is_valid(n: int) -> None:
    assert len(some_faces(n)) == n


@pytest.mark.parametrize(
    ("name", "array", "message"),
    [
        ("score", np.zeros((2, 1), np.float32), r"score has shape \(2, 1\), expected \(3,\)"),
        ("xyxy", np.zeros((3, 5), np.float32), r"xyxy has shape \(3, 5\), expected \(3, 4\)"),
        ("landmarks", np.zeros((3, 467, 3), np.float32), r"\(3, 468, 3\) or \(3, 68, 2\)"),
        ("track_id", np.zeros(3, np.float32), "track_id has dtype float32, expected int64"),
        ("emotion_prob", np.zeros((3, 6), np.float32), r"expected \(3, 7\)"),
        ("mask_doubt", np.zeros(2, np.uint8), r"mask_doubt has shape \(2,\), expected \(3,\)"),
        ("emotion_doubt", np.zeros(3, bool), "emotion_doubt has dtype bool, expected uint8"),
        ("masked", np.zeros(3, np.uint8), "masked has dtype uint8, expected bool"),
    ],
)
def test_a_wrong_shape_is_named(name: str, array: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        some_faces(3).with_(**{name: array})


def test_a_mistyped_attribute_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = some_faces(1).landmark  # type: ignore[attr-defined]


def test_picking_keeps_arrays_in_step() -> None:
    faces = some_faces(4)
    picked = faces[np.array([3, 1])]
    assert picked.track_id is not None
    assert picked.track_id.tolist() == [3, 1]
    assert picked.xyxy[:, 0].tolist() == [12, 4]
    assert picked.landmarks is not None
    assert picked.landmarks.shape == (2, 468, 3)
    assert picked.mask_prob is None


def test_joining_keeps_order_and_drops_what_one_part_lacks() -> None:
    plain = Faces.from_boxes([[0, 0, 1, 1]])
    joined = Faces.concatenate([Faces.empty(), some_faces(2), plain])
    assert len(joined) == 3
    assert joined.landmarks is None
    assert joined.score.tolist() == [0.5, 1.0, 1.0]
    assert len(Faces.concatenate([Faces.empty()])) == 0


def test_the_likeliest_label_has_its_probability() -> None:
    prob = np.array([0.1, 0, 0, 0.6, 0.1, 0.1, 0.1], np.float32)
    assert label_of(prob, EMOTION_LABELS) == ("happy", pytest.approx(0.6))
    assert label_of(np.full(7, np.nan, np.float32), EMOTION_LABELS) is None


def test_an_unsure_answer_keeps_its_probability_but_no_label() -> None:
    prob = np.array([0.1, 0, 0, 0.6, 0.1, 0.1, 0.1], np.float32)
    assert label_of(prob, EMOTION_LABELS, sure=False) == (UNSURE, pytest.approx(0.6))
    assert label_of(np.full(7, np.nan, np.float32), EMOTION_LABELS, sure=False) is None


def test_answers_are_sure_where_nobody_judged_them() -> None:
    prob = np.tile(np.array([0, 0.9, 0.1], np.float32), (2, 1))
    faces = some_faces(2).with_(mask_prob=prob)
    assert faces.mask_sure.tolist() == faces.emotion_sure.tolist() == [True, True]
    assert faces.mask_doubts(0) == []
    assert faces.emotion_of(0) is None
    doubted = faces.with_(mask_doubt=np.array([0, Doubt.SMALL | Doubt.TURNED], np.uint8))
    assert doubted.mask_sure.tolist() == [True, False]
    assert [doubted.mask_of(i) for i in (0, 1)] == [
        ("without_mask", pytest.approx(0.9)),
        (UNSURE, pytest.approx(0.9)),
    ]
    assert doubted.mask_doubts(1) == [Doubt.SMALL, Doubt.TURNED]
    assert doubted[[1]].mask_sure.tolist() == [False]
