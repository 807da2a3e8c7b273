"""Gender is off by default; where requested, it is smoothed, judged and shown like the others."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from models import Unsure
from realtime.attribute.registry import GENDER, names
from realtime.core.answers import Doubt
from realtime.core.arrays import Frame
from realtime.core.faces import Faces, FrameResult
from realtime.core.settings import AnalysisSettings, DrawSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.engine.pipeline import Pipeline
from realtime.output.records import face_record
from realtime.render.captions import describe
from realtime.render.layout import face_lines
from realtime.ui.live.faces import readout_html
from realtime.ui.photo.card import photo_card_html
from tests.builders import StubClassifier, answers, replace_classifier

ONLY = AnalysisSettings(attributes=frozenset({"gender"}))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> StubClassifier:
    """Says female with a probability that grows from call to call."""

    def prob(n: int) -> list[list[float]]:
        female = min(0.6 + 0.1 * made.calls, 0.95)
        return [[1 - female, female]] * n

    made = StubClassifier(prob, Unsure(confidence=0.8), sharpness=9)
    return replace_classifier(monkeypatch, "gender", made)


def face(prob: list[float], doubt: int = 0) -> Faces:
    gender = answers(GENDER, [prob], doubts=[doubt])
    return Faces.from_boxes([(1, 2, 3, 4)]).with_answers({"gender": gender})


def test_gender_is_off_by_default(
    networks: Networks, astronaut: Frame, stub: StubClassifier
) -> None:
    assert "gender" not in names(AnalysisSettings())
    faces = analyze_photo(networks, astronaut, AnalysisSettings()).faces
    assert stub.calls == 0
    assert "gender" not in faces.attributes
    assert faces.label("gender", 0) is None
    assert "gender" not in face_record(faces, 0)


def test_photo_has_gender_where_requested(
    networks: Networks, astronaut: Frame, stub: StubClassifier
) -> None:
    faces = analyze_photo(networks, astronaut, ONLY).faces
    assert set(faces.attributes) == {"gender"}
    label, probability = faces.label("gender", 0) or ("", 0)
    assert (label, round(probability, 2)) == ("unsure", 0.7)
    assert faces.attributes["gender"].doubts(0) == [Doubt.CLOSE]
    record: dict[str, Any] = face_record(faces, 0)["gender"]
    assert record["label"] == "unsure"
    assert list(record["probs"]) == ["male", "female"]
    assert record["doubts"] == ["close"]


def test_stream_smooths_gender(networks: Networks, astronaut: Frame, stub: StubClassifier) -> None:
    pipeline = Pipeline(networks, ONLY)
    shown = [pipeline.process(astronaut, i / 10).faces for i in range(30)]
    assert len(shown[-1]) == 1
    label, probability = shown[-1].label("gender", 0) or ("", 0)
    assert label == "female"
    assert 0.8 < probability < 0.951
    pipeline.settings = AnalysisSettings()
    assert "gender" not in pipeline.process(astronaut, 3.1).faces.attributes


def test_gender_is_shown_wherever_a_face_is() -> None:
    faces = face([0.02, 0.98])
    assert [line.text for line in face_lines(faces, 0, DrawSettings())] == ["female 98%"]
    assert describe(FrameResult(faces, (9, 9), 0.0)) == "1 face: female 98%"
    assert "female 98%" in readout_html(faces)
    assert "<h5>Gender</h5>" in photo_card_html(faces, 0, b"")
    unsure = face([0.45, 0.55], int(Doubt.BLURRED))
    assert "gender unsure: blurred" in photo_card_html(unsure, 0, b"")
    assert face_record(face([np.nan, np.nan]), 0)["gender"] is None
