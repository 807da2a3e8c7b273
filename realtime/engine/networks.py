"""All networks that one user of the pipeline needs, loaded once and warm."""

from __future__ import annotations

from pathlib import Path

from realtime.attribute.classifier import FaceClassifier
from realtime.attribute.doubts import Rules, judged, with_gender
from realtime.core.faces import F32, Faces, Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import Detector, create_detector, detector_entry
from realtime.landmark.align import five_points
from realtime.landmark.iris import IrisNetwork
from realtime.landmark.mesh import FaceMesh
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.registry import create_landmarker
from realtime.landmark.types import Landmarker


class Networks:
    """Detectors by name, the mesh and the classifiers.

    Each network locks itself while it runs, so one instance may serve several threads; give each
    stream its own to let them run side by side.

    Args:
        threads: threads a network may use.

    Attributes:
        rules: when the classifiers' answers are to be called unsure.

    Raises:
        FileNotFoundError: mediapipe's networks are missing.
        models.ModelError: a network of ours is missing or damaged.
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._detectors: dict[str, Detector] = {}
        self._alike: dict[str, list[Detector]] = {}
        self._landmarkers: dict[tuple[str, str | None], Landmarker] = {}
        self.mesh = FaceMesh(threads=threads)
        self.mask = FaceClassifier("mask", threads=threads)
        self.emotion = FaceClassifier("emotion", threads=threads)
        self._gender: FaceClassifier | None = None
        self._iris: IrisNetwork | None = None
        self.rules = Rules(self.mask.unsure, self.emotion.unsure)

    def detector(self, name: str) -> Detector:
        """The detector of that name, made at the first call.

        Raises:
            ValueError: there is none of that name.
        """
        if name not in self._detectors:
            self._detectors[name] = create_detector(name, threads=self._threads)
        return self._detectors[name]

    def detectors(self, name: str) -> list[Detector]:
        """As many detectors of that name as a network may use threads, each with one thread.

        Many small pictures, as the tiles of a photo are, go through these sooner than through one
        with all threads: a small network has too little work to share out.

        Raises:
            ValueError: as `detector`.
        """
        if self._threads == 1:
            return [self.detector(name)]
        if name not in self._alike:
            self._alike[name] = [create_detector(name) for _ in range(self._threads)]
        return self._alike[name]

    @property
    def iris(self) -> IrisNetwork:
        """The iris network, loaded at the first use."""
        if self._iris is None:
            self._iris = IrisNetwork(threads=self._threads)
        return self._iris

    def landmarker(self, settings: AnalysisSettings) -> Landmarker | None:
        """The landmarker beside the mesh that these settings ask for, made at the first call.

        Raises:
            ValueError: there is none of that name.
            models.ModelError: its model, or the user's file, is missing or damaged.
        """
        if settings.landmarks == "mesh":
            return None
        key = (settings.landmarks, settings.landmarks_file)
        if key not in self._landmarkers:
            file = None if key[1] is None else Path(key[1])
            made = create_landmarker(key[0], threads=self._threads, file=file)
            self._landmarkers[key] = made
        return self._landmarkers[key]

    def other_points(
        self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings
    ) -> F32 | None:
        """The landmarks (n, k, 2) of the landmarker beside the mesh, looked for where the mesh is.

        Returns:
            None where the mesh is what the settings ask for.

        Raises:
            ValueError, models.ModelError: as `landmarker`.
        """
        landmarker = self.landmarker(settings)
        if landmarker is None or faces.landmarks is None:
            return None
        return landmarker(frame_bgr, regions_from_landmarks(faces.landmarks))[0]

    @property
    def gender(self) -> FaceClassifier:
        """The gender classifier, loaded at the first use.

        Raises:
            models.ModelError: as above.
        """
        if self._gender is None:
            self._gender = FaceClassifier("gender", threads=self._threads)
        return self._gender

    def warm_up(self, settings: AnalysisSettings, *, faces: int = 4) -> None:
        """Load and run what these settings need, for frames of up to `faces` faces."""
        self.detector(settings.detector)
        between = detector_entry(settings.detector).fast_fallback
        if between:
            self.detector(between)
        for network in (self.mesh, self.mask, self.emotion):
            network.warm_up(faces)
        if settings.gender:
            self.gender.warm_up(faces)
        if settings.gaze:
            self.iris.warm_up(faces)
        landmarker = self.landmarker(settings)
        if landmarker is not None:
            landmarker.warm_up(faces)

    def classify(self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings) -> Faces:
        """The same faces with the answers that the settings ask for, and the doubts about them.

        Raises:
            ValueError: the faces have no landmarks.
        """
        if faces.landmarks is None:
            raise ValueError("classify needs landmarks")
        five: F32 = five_points(faces.landmarks)
        mask = self.mask(frame_bgr, five) if settings.mask else None
        emotion = self.emotion(frame_bgr, five) if settings.emotion else None
        faces = judged(faces, mask, emotion, self.rules, call_unsure=settings.unsure)
        if settings.gender:
            gender = self.gender(frame_bgr, five)
            faces = with_gender(faces, gender, self.gender.unsure, call_unsure=settings.unsure)
        return faces
