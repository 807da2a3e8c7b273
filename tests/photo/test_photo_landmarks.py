"""The photo page's choice of landmarks, and what is measured from them."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.photo.test_photo_page import (
    cards_of,
    component,
    page,
    seen,
    two_faces,
    upload,
)

__all__ = ["page", "two_faces"]  # fixtures


def switch(page: AppTest, label: str, on: bool) -> None:
    next(t for t in page.toggle if t.label == label).set_value(on).run()


def pictures_of(page: AppTest) -> list[str]:
    """The original and the annotated picture, as the page shows them."""
    return list(component(page, "photo_view")["pictures"])


def test_other_landmarks_and_measures(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    found = seen(page)
    assert found.result.faces.landmarks is not None
    assert found.result.faces.landmarks.points.shape == (2, 468, 3)
    assert not any("yaw" in card for card in cards_of(page))
    plain = pictures_of(page)
    choice = next(s for s in page.selectbox if s.label == "Landmarks")
    choice.set_value("dlib68").run()
    switch(page, "Draw landmarks", True)
    switch(page, "Head, eyes and mouth", True)
    found = seen(page)
    assert found.result.faces.landmarks is not None
    assert found.result.faces.landmarks.points.shape == (2, 68, 2)
    assert np.isfinite(found.result.faces.pose_deg).all()
    original, annotated = pictures_of(page)
    assert original == plain[0]
    assert annotated != plain[1]
    cards = cards_of(page)
    assert len(cards) == 2
    assert all("yaw" in card and "mouth" in card and "blink" not in card for card in cards)


def test_drawing_landmarks_does_not_rerun_the_analysis(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    found, plain = seen(page), pictures_of(page)
    switch(page, "Draw landmarks", True)
    assert seen(page) is found
    assert pictures_of(page)[1] != plain[1]
