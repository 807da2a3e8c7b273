"""Captions: every label, doubt and count of faces in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from realtime.attribute.registry import ATTRIBUTES, EMOTION, GENDER, MASK
from realtime.core.answers import UNSURE, Doubt
from realtime.core.faces import Faces, FrameResult
from realtime.render.captions import DOUBT_CAPTIONS, caption, captions, describe
from tests.builders import answers, tracked_faces, unknown


def one_face(mask: list[float], doubt: int = 0) -> Faces:
    return tracked_faces([1], mask=answers(MASK, [mask], doubts=[doubt]))


@pytest.mark.parametrize(
    ("prob", "text"),
    [
        ([0.9, 0.1, 0], "mask worn 90%"),
        ([0.03, 0.97, 0], "no mask 97%"),
        ([0.1, 0.1, 0.8], "incorrect mask 80%"),
    ],
)
def test_mask_captions(prob: list[float], text: str) -> None:
    assert caption(MASK, one_face(prob), 0) == text


def test_a_label_that_is_held_against_a_likelier_one_has_no_probability() -> None:
    """It would read "no mask 9%" for half a second."""
    mask = replace(answers(MASK, [[0.9, 0.09, 0.01]]), shown=np.array([1]))
    assert caption(MASK, tracked_faces([1], mask=mask), 0) == "no mask"


@pytest.mark.parametrize(
    ("doubt", "why"),
    [
        (Doubt.SMALL, "too small"),
        (Doubt.BLURRED, "blurred"),
        (Doubt.TURNED, "turned away"),
        (Doubt.CLOSE, "low confidence"),
        (Doubt.SMALL | Doubt.CLOSE, "too small, low confidence"),
    ],
)
def test_unsure_caption_gives_its_reasons_on_request(doubt: Doubt, why: str) -> None:
    faces = one_face([0.4, 0.6, 0], int(doubt))
    assert caption(MASK, faces, 0) == "mask unsure"
    assert caption(MASK, faces, 0, reasons=True) == f"mask unsure: {why}"


def test_every_doubt_and_label_has_a_caption() -> None:
    assert set(DOUBT_CAPTIONS) == set(Doubt)
    for attribute in ATTRIBUTES.values():
        texts = [attribute.caption(label) for label in (*attribute.labels, UNSURE)]
        assert len(set(texts)) == len(texts)
        assert not any("_" in text for text in texts)
        assert not attribute.colours or set(attribute.colours) == {*attribute.labels, UNSURE}


def test_captions_are_in_the_order_of_the_registry() -> None:
    faces = tracked_faces(
        [1],
        gender=answers(GENDER, [[0.2, 0.8]]),
        emotion=answers(EMOTION, np.eye(7)[[3]]),
        mask=answers(MASK, [[0, 1, 0]]),
    )
    assert captions(faces, 0) == ["no mask 100%", "happy 100%", "female 80%"]
    assert captions(faces.with_(attributes={"mask": unknown(MASK)}), 0) == []
    assert caption(MASK, Faces.from_boxes([[0, 0, 1, 1]]), 0) is None


@pytest.mark.parametrize(
    ("faces", "text"),
    [
        (Faces.empty(), "no face"),
        (tracked_faces([1]), "1 face"),
        (tracked_faces([1, 2]), "2 faces"),
        (
            tracked_faces([1, 2], mask=answers(MASK, [[1, 0, 0], [0, 1, 0]])),
            "2 faces: mask worn 100%; no mask 100%",
        ),
        (
            tracked_faces([1, 2], mask=answers(MASK, [[np.nan] * 3, [0, 1, 0]])),
            "2 faces: no mask 100%",
        ),
    ],
)
def test_picture_is_described_in_one_line(faces: Faces, text: str) -> None:
    assert describe(FrameResult(faces, (9, 9), 0.0)) == text
