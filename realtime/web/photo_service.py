"""The models that all server threads share, and the analyses of a photo that they offer."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np

from realtime.attribute.eigenfaces import EigenfaceClassifier, EigenfaceResult
from realtime.attribute.registry import GENDER, default_names
from realtime.core.faces import Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.photo import analyze_photo
from realtime.landmark.registry import gaze_missing

MAX_PAGE_FACES = 24  # on the gender page; the API has its own limit


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class GenderResult:
    """The faces of a photo, classified by both gender models.

    Attributes:
        result: boxes, landmarks and the neural network's probabilities.
        eigenfaces: the eigenface model's results, in the order of the faces.
    """

    result: FrameResult
    eigenfaces: EigenfaceResult


class PhotoService:
    """Analyses photos; safe to use from any thread.

    Each network has its own lock, so concurrent requests wait for single networks only.

    Raises:
        FileNotFoundError: a network of MediaPipe's wheel is chosen, and missing.
        models.ModelError: one of FaceStream's models is missing or damaged.
    """

    def __init__(self) -> None:
        self._networks = Networks()
        self._eigenfaces = EigenfaceClassifier()
        self._lock = threading.Lock()  # for detectors loaded on demand
        settings = AnalysisSettings(
            attributes=default_names() | {GENDER.name}, gaze=not gaze_missing()
        )
        self._networks.warm_up(settings)
        self.analyze(np.zeros((64, 64, 3), np.uint8), settings)  # also loads the second detector

    def analyze(
        self, frame_bgr: Frame, settings: AnalysisSettings, *, thorough: bool = True
    ) -> FrameResult:
        """Analyse a photo; see `realtime.engine.photo.analyze_photo`."""
        with self._lock:
            self._networks.detector(settings.detector)
        return analyze_photo(self._networks, frame_bgr, settings, thorough=thorough)

    def gender(self, frame_bgr: Frame) -> GenderResult:
        """Classify gender with the neural network and with eigenfaces."""
        settings = AnalysisSettings(max_faces=MAX_PAGE_FACES, attributes=frozenset({GENDER.name}))
        result = self.analyze(frame_bgr, settings)
        landmarks = result.faces.landmarks
        five = np.zeros((0, 5, 2), np.float32) if landmarks is None else landmarks.five()
        return GenderResult(result=result, eigenfaces=self._eigenfaces(frame_bgr, five))
