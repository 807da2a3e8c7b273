"""Gender is off until it is asked for; then it is smoothed, doubted and told as the others are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import Unsure
from realtime.attribute.doubts import Answers
from realtime.core.faces import F32, Doubt, Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.output.records import describe, face_record
from realtime.render.draw import StreamStats, face_lines
from realtime.ui.live.faces import readout_html
from realtime.ui.photo.card import photo_card_html

ONLY = AnalysisSettings(mask=False, emotion=False, gender=True)


class Stub:
    """Says female with a probability that grows from call to call."""

    unsure = Unsure(confidence=0.8)

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, frame_bgr: Frame, five: F32) -> Answers:
        self.calls += 1
        female = min(0.6 + 0.1 * self.calls, 0.95)
        prob = np.tile(np.array([1 - female, female], np.float32), (len(five), 1))
        return Answers(prob, np.full(len(five), 9, np.float32))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stub:
    made = Stub()
    monkeypatch.setattr(Networks, "gender", made)
    return made


def face(prob: list[float], doubt: int = 0) -> Faces:
    return Faces.from_boxes([(1, 2, 3, 4)]).with_(
        gender_prob=np.array([prob], np.float32), gender_doubt=np.array([doubt], np.uint8)
    )


def test_it_is_off_by_default(networks: Networks, astronaut: Frame, stub: Stub) -> None:
    assert AnalysisSettings().gender is False
    faces = analyze_photo(networks, astronaut, AnalysisSettings()).faces
    assert stub.calls == 0
    assert faces.gender_prob is None
    assert faces.gender_of(0) is None
    assert "gender" not in face_record(faces, 0)


def test_a_photo_has_it_where_it_is_asked_for(
    networks: Networks, astronaut: Frame, stub: Stub
) -> None:
    faces = analyze_photo(networks, astronaut, ONLY).faces
    label, probability = faces.gender_of(0) or ("", 0)
    assert (label, round(probability, 2)) == ("unsure", 0.7)
    assert faces.gender_doubts(0) == [Doubt.CLOSE]
    record: dict[str, Any] = face_record(faces, 0)["gender"]
    assert record["label"] == "unsure"
    assert list(record["probs"]) == ["male", "female"]
    assert record["doubts"] == ["close"]


def test_a_stream_smooths_it(networks: Networks, astronaut: Frame, stub: Stub) -> None:
    pipeline = Pipeline(networks, ONLY)
    shown = [pipeline.process(astronaut, i / 10).faces for i in range(30)]
    assert len(shown[-1]) == 1
    label, probability = shown[-1].gender_of(0) or ("", 0)
    assert label == "female"
    assert 0.8 < probability < 0.951
    pipeline.settings = AnalysisSettings()
    assert pipeline.process(astronaut, 3.1).faces.gender_prob is None


def test_it_is_told_wherever_a_face_is() -> None:
    faces = face([0.02, 0.98])
    stats = StreamStats(30, 10, 20, 0)
    assert face_lines(faces, 0) == ["female 98%"]
    assert describe(FrameResult(faces, (9, 9), 0.0)) == "1 face: female 98%"
    assert "female 98%" in readout_html(faces, stats)
    card = photo_card_html(faces, 0, b"")
    assert "<h5>Gender</h5>" in card
    unsure = face([0.45, 0.55], int(Doubt.BLURRED))
    assert "gender unsure: blurred" in photo_card_html(unsure, 0, b"")
    assert face_record(face([np.nan, np.nan]), 0)["gender"] is None
