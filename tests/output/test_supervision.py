"""Faces as `supervision.Detections`; a stub stands in for the optional package."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from realtime import FaceStreamError
from realtime.attribute.registry import EMOTION, MASK
from realtime.core.faces import Faces
from tests.builders import answers, tracked_faces, unknown


class Detections(SimpleNamespace):
    """Checks what supervision 0.30 checks of its own: lengths, and the types of `data`."""

    def __init__(self, *, xyxy: Any, confidence: Any, tracker_id: Any, data: Any) -> None:
        super().__init__(xyxy=xyxy, confidence=confidence, tracker_id=tracker_id, data=data)
        assert xyxy.shape == (len(xyxy), 4)
        assert confidence.shape == (len(xyxy),)
        for value in data.values():
            assert isinstance(value, np.ndarray)
            assert len(value) == len(xyxy)


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("supervision")
    module.Detections = Detections  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "supervision", module)


@pytest.mark.usefixtures("package")
def test_boxes_scores_tracks_and_attributes_are_passed_on() -> None:
    faces = tracked_faces([3, 5], mask=answers(MASK, [[0, 1, 0], [1, 0, 0]]))
    faces = faces.with_answers({"emotion": unknown(EMOTION, 2)})
    detections = faces.to_supervision()
    np.testing.assert_array_equal(detections.xyxy, faces.xyxy)
    assert detections.tracker_id.tolist() == [3, 5]
    assert detections.data["mask"].tolist() == ["without_mask", "with_mask"]
    assert detections.data["mask_prob"].shape == (2, 3)
    assert detections.data["emotion"].tolist() == ["", ""]


@pytest.mark.usefixtures("package")
def test_no_faces_give_empty_detections() -> None:
    detections = Faces.empty().to_supervision()
    assert len(detections.xyxy) == 0
    assert detections.tracker_id is None


def test_a_missing_package_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(FaceStreamError, match=r"pip install supervision\.$"):
        Faces.empty().to_supervision()
