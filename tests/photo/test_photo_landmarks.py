"""Landmarks and measurements on the Photos page."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.photo.test_photo_page import (
    cards_of,
    component,
    page,
    selected_analysis,
    two_faces,
    upload,
)

__all__ = ["page", "two_faces"]  # fixtures


def set_toggle(page: AppTest, label: str, on: bool) -> None:
    next(t for t in page.toggle if t.label == label).set_value(on).run()


def previews(page: AppTest) -> list[str]:
    """The original and the annotated preview."""
    return list(component(page, "photo_view")["pictures"])


def test_dlib_landmarks_and_measurements(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    analysis = selected_analysis(page)
    assert analysis.result.faces.landmarks is not None
    assert analysis.result.faces.landmarks.points.shape == (2, 468, 3)
    assert not any("yaw" in card for card in cards_of(page))
    plain = previews(page)
    choice = next(s for s in page.selectbox if s.label == "Landmarks")
    choice.set_value("dlib68").run()
    set_toggle(page, "Draw landmarks", True)
    set_toggle(page, "Head pose, eyes and mouth", True)
    analysis = selected_analysis(page)
    assert analysis.result.faces.landmarks is not None
    assert analysis.result.faces.landmarks.points.shape == (2, 68, 2)
    assert np.isfinite(analysis.result.faces.pose_deg).all()
    original, annotated = previews(page)
    assert original == plain[0]
    assert annotated != plain[1]
    cards = cards_of(page)
    assert len(cards) == 2
    assert all("yaw" in card and "mouth" in card and "blink" not in card for card in cards)


def test_drawing_landmarks_does_not_rerun_the_analysis(page: AppTest, two_faces: bytes) -> None:
    upload(page, "group.png", two_faces)
    analysis, plain = selected_analysis(page), previews(page)
    set_toggle(page, "Draw landmarks", True)
    assert selected_analysis(page) is analysis
    assert previews(page)[1] != plain[1]
