"""The photo page's choice of landmarks, and what is measured from them."""

from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest

from tests.photo.test_photo_page import cards_of, page, press, two_faces, upload

__all__ = ["page", "two_faces"]  # fixtures


def switch(page: AppTest, label: str, on: bool) -> None:
    next(t for t in page.toggle if t.label == label).set_value(on).run()


def test_other_landmarks_and_measures(page: AppTest, two_faces: bytes) -> None:
    press(upload(page, "group.png", two_faces))
    analysis = page.session_state["photo-analysis"]
    assert analysis.faces.landmarks.shape == (2, 468, 3)
    assert not any("yaw" in card for card in cards_of(page))
    plain = analysis.annotated_jpg
    choice = next(s for s in page.selectbox if s.label == "Landmarks")
    choice.set_value("dlib68").run()
    switch(page, "Draw landmarks", True)
    switch(page, "Head, eyes and mouth", True)
    press(page)
    analysis = page.session_state["photo-analysis"]
    assert analysis.faces.landmarks.shape == (2, 68, 2)
    assert np.isfinite(analysis.faces.pose_deg).all()
    assert analysis.annotated_jpg != plain
    cards = cards_of(page)
    assert len(cards) == 2
    assert all("yaw" in card and "mouth" in card and "blink" not in card for card in cards)
