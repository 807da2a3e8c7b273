"""The warm models that all threads of the server share, and what they say of a picture."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from realtime.attribute.eigenfaces import EigenfaceClassifier, Looked
from realtime.attribute.registry import GENDER, default_names
from realtime.core.faces import Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo

MOST_FACES = 24  # on the page; the API reports all


@dataclass(frozen=True, slots=True, eq=False)
class GenderLook:
    """The faces of a picture and what both gender models say of them.

    Attributes:
        result: boxes, landmarks and the network's probabilities.
        looked: what the eigenfaces say; rows in the order of the faces.
    """

    result: FrameResult
    looked: Looked


class Analyst:
    """Reads pictures; every thread may use it.

    Each network locks itself while it runs, so threads share them without waiting for more than
    one network's turn.

    Raises:
        FileNotFoundError: mediapipe's networks are missing.
        models.ModelError: a model of ours is missing or damaged.
    """

    def __init__(self) -> None:
        self._networks = Networks()
        self._eigenfaces = EigenfaceClassifier()
        self._lock = threading.Lock()  # loading a detector on demand
        usual = AnalysisSettings(attributes=default_names() | {GENDER.name})
        self._networks.warm_up(usual)
        self.analyze(np.zeros((64, 64, 3), np.uint8), usual)  # loads the second detector too

    def analyze(
        self, frame_bgr: Frame, settings: AnalysisSettings, *, thorough: bool = True
    ) -> FrameResult:
        """The faces of a still picture; see `realtime.engine.photo.analyze_photo`."""
        with self._lock:
            self._networks.detector(settings.detector)
        return analyze_photo(self._networks, frame_bgr, settings, thorough=thorough)

    def gender(self, frame_bgr: Frame) -> GenderLook:
        """The faces of a still picture, by the network and by eigenfaces."""
        settings = AnalysisSettings(max_faces=MOST_FACES, attributes=frozenset({GENDER.name}))
        result = self.analyze(frame_bgr, settings)
        landmarks = result.faces.landmarks
        five = np.zeros((0, 5, 2), np.float32) if landmarks is None else landmarks.five()
        return GenderLook(result, self._eigenfaces(frame_bgr, five))
