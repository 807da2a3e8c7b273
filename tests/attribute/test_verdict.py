"""Verdicts: which answers are unsure, why, and that they do not flicker."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import Unsure
from realtime.attribute.classifier import Scores
from realtime.attribute.quality import Quality
from realtime.attribute.verdict import KEEP_DOUBT, doubts, judge, temper, wears_mask
from realtime.core.answers import UNSURE, Doubt
from realtime.core.faces import Faces
from tests.builders import faces_with_mesh

CARD = Unsure(confidence=0.5, min_side_px=20, min_sharpness=0.12, max_yaw_deg=50)
NOTHING = Unsure()


def quality(side: float = 90, yaw: float = 0, sharp: float = 0.6) -> Quality:
    return Quality(*(np.array([value], np.float32) for value in (side, yaw, sharp)))


def top(probability: float, labels: int = 7) -> np.ndarray:
    """One answer (1, labels) with that top probability."""
    rest = (1 - probability) / (labels - 1)
    return np.array([[probability] + [rest] * (labels - 1)], np.float32)


@pytest.mark.parametrize(
    ("of", "probability", "doubt"),
    [
        (quality(), 0.6, 0),
        (quality(), 0.49, Doubt.CLOSE),
        (quality(side=19), 0.9, Doubt.SMALL),
        (quality(sharp=0.11), 0.9, Doubt.BLURRED),
        (quality(yaw=51), 0.9, Doubt.TURNED),
        (quality(yaw=-51), 0.9, Doubt.TURNED),
        (quality(yaw=np.nan), 0.9, 0),
        (quality(side=9, sharp=0.01), 0.3, Doubt.SMALL | Doubt.BLURRED | Doubt.CLOSE),
    ],
)
def test_each_threshold_raises_its_doubt(of: Quality, probability: float, doubt: int) -> None:
    assert doubts(top(probability), of, CARD).tolist() == [doubt]


@given(st.floats(0, 1), st.floats(0, 500), st.floats(-90, 90), st.floats(0, 5))
def test_card_without_thresholds_raises_no_doubt(
    probability: float, side: float, yaw: float, sharp: float
) -> None:
    assert doubts(top(probability), quality(side, yaw, sharp), NOTHING).tolist() == [0]


def test_unknown_answers_are_not_in_doubt() -> None:
    unknown = np.full((1, 7), np.nan, np.float32)
    assert doubts(
        unknown, quality(side=1, sharp=np.nan), CARD, before=np.array([15], np.uint8)
    ).tolist() == [0]
    assert doubts(top(0.9)[:0], quality(), CARD).shape == (0,)


@given(
    st.floats(0.05, 0.95),
    st.lists(st.floats(-1, 1), min_size=2, max_size=60),
)
def test_noise_around_the_threshold_changes_the_verdict_at_most_once(
    threshold: float, noise: list[float]
) -> None:
    card = Unsure(confidence=threshold, min_side_px=20, min_sharpness=0.12, max_yaw_deg=50)
    swing = 0.9 * (1 - KEEP_DOUBT) / 2
    before, verdicts = np.zeros(1, np.uint8), []
    for value in noise:
        part = 1 + swing * value
        prob = np.array([[1 - (1 - threshold) * part]], np.float32)
        of = quality(side=20 * part, yaw=50 * part, sharp=0.12 * part)
        before = doubts(prob, of, card, before=before)
        verdicts.append(int(before[0]))
    for doubt in Doubt:
        changes = np.diff([verdict & doubt for verdict in verdicts])
        assert np.count_nonzero(changes) <= 1


@given(st.floats(0.05, 0.95), st.integers(0, 15))
def test_clearly_better_face_is_sure_again_whatever_its_previous_doubts(
    threshold: float, before: int
) -> None:
    card = replace(CARD, confidence=threshold)
    prob = np.array([[1 - (1 - threshold) * (KEEP_DOUBT - 0.01)]], np.float32)
    of = quality(
        side=20 / KEEP_DOUBT + 0.1, yaw=50 * KEEP_DOUBT - 0.1, sharp=0.12 / KEEP_DOUBT + 0.01
    )
    assert doubts(prob, of, card, before=np.array([before], np.uint8)).tolist() == [0]


@pytest.mark.parametrize(
    ("mask", "before", "masked"),
    [
        ((0.9, 0.1, 0), False, True),
        ((0.1, 0.9, 0), False, False),
        ((0.3, 0.3, 0.4), False, True),  # an incorrect mask covers part of the face as well
        ((0.1, 0.55, 0.35), False, False),
        ((0.1, 0.55, 0.35), True, True),
        ((0.1, 0.65, 0.25), True, False),
        ((np.nan,) * 3, True, False),
    ],
)
def test_mask_is_worn_with_hysteresis(mask: tuple[float, ...], before: bool, masked: bool) -> None:
    assert wears_mask(np.array([mask], np.float32), [before]).tolist() == [masked]


@given(
    st.lists(st.floats(0, 1), min_size=7, max_size=7).filter(lambda p: sum(p) > 0.1),
    st.floats(1, 100),
)
def test_tempering_keeps_the_order_of_labels_and_lowers_the_top_probability(
    weights: list[float], temperature: float
) -> None:
    prob = np.array([weights, weights], np.float32)
    prob /= prob.sum(axis=1, keepdims=True)
    bare, masked = temper(prob, np.array([False, True]), temperature)
    assert (bare == prob[0]).all()
    assert masked.sum() == pytest.approx(1, abs=1e-4)
    assert (np.diff(masked[np.argsort(prob[0], kind="stable")]) >= -1e-6).all()
    assert masked.max() <= prob[0].max() + 1e-5


def test_tempering_keeps_unknown_answers_unknown() -> None:
    prob = np.full((1, 7), np.nan, np.float32)
    assert np.isnan(temper(prob, np.array([True]), 2.0)).all()


MASKED_CARD = replace(CARD, masked_confidence=0.7, masked_temperature=2.0)


def judged_face(mask: tuple[float, ...] | None, *, call_unsure: bool = True) -> Faces:
    """One face, angry at 80%, with these mask probabilities; None: masks are not classified."""
    sharpness = np.array([0.5], np.float32)
    scores = {"emotion": Scores(top(0.8), sharpness)}
    if mask is not None:
        scores["mask"] = Scores(np.array([mask], np.float32), sharpness)
    thresholds = {"mask": CARD, "emotion": MASKED_CARD}
    faces = faces_with_mesh((0, 0, 100, 100))
    return judge(faces, scores, thresholds, call_unsure=call_unsure)


def test_masked_face_has_a_less_certain_emotion_and_its_own_threshold() -> None:
    bare, masked, unknown = (judged_face(m) for m in ((0, 1, 0), (1, 0, 0), None))
    for faces in (bare, unknown):
        assert faces.label("emotion", 0) == ("angry", pytest.approx(0.8))
    emotion = masked.attributes["emotion"]
    assert 0.4 < emotion.prob[0].max() < 0.6
    assert emotion.label(0) == (UNSURE, pytest.approx(emotion.prob[0].max()))
    assert masked.label("mask", 0) == ("with_mask", 1.0)
    assert unknown.masked is None
    assert "mask" not in unknown.attributes


def test_doubts_can_be_switched_off_and_a_covered_face_still_has_a_label() -> None:
    faces = judged_face((1, 0, 0), call_unsure=False)
    assert faces.label("emotion", 0) == ("angry", pytest.approx(0.45, abs=0.02))
    assert faces.masked is not None
    assert faces.masked.tolist() == [True]
    assert faces.attributes["emotion"].sure.tolist() == [True]
