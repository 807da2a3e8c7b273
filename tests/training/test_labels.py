"""Labels and votes of FER-2013 and FER+."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.attribute.registry import EMOTION
from training.crops import CropSpec
from training.emotion import learned
from training.emotion.fer import FerSet, trainable
from training.emotion.fer_labels import (
    VOTES,
    majority_label,
    majority_of,
    official_label,
    other_share,
    seven_class_votes,
    soft_labels,
    votes_table,
)
from training.emotion.oval import fill_background
from training.emotion.task import EmotionConfig


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("anger", "angry"),
        ("disgust", "disgust"),
        ("fear", "fear"),
        ("happiness", "happy"),
        ("sadness", "sad"),
        ("surprise", "surprise"),
        ("neutral", "neutral"),
    ],
)
def test_majority_labels(name: str, label: str) -> None:
    assert EMOTION.labels[majority_label(name)] == label


@pytest.mark.parametrize("name", ["contempt", "unknown", "NF", "", "tie", "anger,fear"])
def test_other_majorities_have_no_label(name: str) -> None:
    assert majority_label(name) == -1


@pytest.mark.parametrize("label", EMOTION.labels)
def test_official_labels(label: str) -> None:
    assert EMOTION.labels[official_label(label)] == label


@pytest.mark.parametrize("name", ["happy,surprise", "", "contempt", "Happy"])
def test_ambiguous_official_labels(name: str) -> None:
    assert official_label(name) == -1


def test_single_votes_are_dropped_unless_all_are_single() -> None:
    votes = np.array(
        [[6, 1, 0, 3, 0, 0, 0], [1, 1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0]], np.float32
    )
    soft = soft_labels(votes)
    np.testing.assert_allclose(soft[0], [6 / 9, 0, 0, 3 / 9, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(soft[1], [0.5, 0.5, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(soft[2], 1 / 7)


@given(st.lists(st.lists(st.integers(0, 10), min_size=7, max_size=7), min_size=1, max_size=5))
def test_soft_labels_sum_to_one(votes: list[list[int]]) -> None:
    soft = soft_labels(np.array(votes, np.float32))
    np.testing.assert_allclose(soft.sum(axis=1), 1, atol=1e-5)
    assert (soft >= 0).all()


def test_test_pictures_and_unclear_ones_are_not_trainable() -> None:
    faces = FerSet(
        crops=np.zeros((4, 8, 8, 1), np.uint8),
        soft=np.full((4, 7), 1 / 7, np.float32),
        majority=np.array([0, 1, -1, 3]),
        other=np.array([0.0, 0.6, 0.5, 0.0], np.float32),
        in_test=np.array([False, False, False, True]),
        official=np.array([0, 1, -1, 3]),
        outline=np.zeros((4, 30, 2), np.float32),
        yaw_deg=np.zeros(4, np.float32),
    )
    assert faces[1:3].official.tolist() == [1, -1]
    assert trainable(faces).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("labels", "neutral_and_sad"),
    [("votes", (0.8, 0.2)), ("official", (0.0, 1.0)), ("both", (0.4, 0.6))],
)
def test_labels_to_learn_from(
    labels: str, neutral_and_sad: tuple[float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    neutral, sad = EMOTION.labels.index("neutral"), EMOTION.labels.index("sad")
    soft = np.zeros((2, 7), np.float32)
    soft[:, neutral], soft[:, sad] = 0.8, 0.2
    faces = FerSet(
        crops=np.zeros((2, 60, 60, 1), np.uint8),
        soft=soft,
        majority=np.full(2, neutral),
        other=np.zeros(2, np.float32),
        in_test=np.zeros(2, bool),
        official=np.array([sad, -1]),  # the second names two
        outline=np.zeros((2, 30, 2), np.float32),
        yaw_deg=np.zeros(2, np.float32),
    )
    monkeypatch.setattr(learned, "read_fer", lambda *_, **__: faces)
    config = replace(EmotionConfig(), labels=labels)
    result = learned.learned_faces(Path(), CropSpec(48, 1.0, gray=True), config)
    np.testing.assert_allclose(result.labels[0, [neutral, sad]], neutral_and_sad, atol=1e-6)
    assert len(result.labels) == (1 if labels == "official" else 2)
    if labels != "official":
        np.testing.assert_allclose(result.labels[1, [neutral, sad]], (0.8, 0.2))


def test_only_large_black_areas_and_their_rim_are_filled() -> None:
    crop = np.full((1, 60, 60, 1), 200, np.uint8)
    crop[0, :, :10] = 0
    crop[0, :, 10] = 30  # what scaling leaves of the edge
    crop[0, 30:33, 30:33] = 0
    filled = fill_background(crop)
    assert (filled[0, :, :11] == int(crop[0, :, 11:].mean())).all()
    np.testing.assert_array_equal(filled[0, :, 11:], crop[0, :, 11:])
    for level in (0, 200):  # nothing but background, or none of it
        same = np.full((1, 60, 60, 1), level, np.uint8)
        np.testing.assert_array_equal(fill_background(same), same)


def test_votes_table() -> None:
    names = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
    # A different number of votes for each name.
    row = {f"votes_{name}": str(i) for i, name in enumerate((*names, "contempt", "unknown", "NF"))}
    votes = votes_table([row], "votes_")
    assert votes.shape == (1, len(VOTES))
    by_label = {"angry": 4, "disgust": 5, "fear": 6, "happy": 1, "sad": 3}
    by_label |= {"surprise": 2, "neutral": 0}
    assert seven_class_votes(votes)[0].tolist() == [by_label[label] for label in EMOTION.labels]
    np.testing.assert_allclose(other_share(votes), [(7 + 8 + 9) / 45])
    assert votes_table([]).shape == (0, len(VOTES))


def test_majority_is_none_for_ties_and_other_votes() -> None:
    votes = np.zeros((4, len(VOTES)), np.float32)
    votes[0, VOTES.index("sadness")] = 6
    votes[1, [VOTES.index("sadness"), VOTES.index("neutral")]] = 5
    votes[2, VOTES.index("contempt")] = 7
    assert majority_of(votes).tolist() == [EMOTION.labels.index("sad"), -1, -1, -1]
    assert other_share(votes).tolist() == [0, 0, 1, 0]
