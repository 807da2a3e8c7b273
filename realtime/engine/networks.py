"""All networks that one user of the pipeline needs, loaded once and warm."""

from __future__ import annotations

from pathlib import Path

from realtime.attribute.classifier import FaceClassifier
from realtime.attribute.registry import ATTRIBUTES, enabled
from realtime.attribute.verdict import judge
from realtime.core.arrays import Frame
from realtime.core.faces import Faces
from realtime.core.landmarks import Landmarks
from realtime.core.settings import AnalysisSettings
from realtime.detect import Detector, create_detector, detector_entry
from realtime.landmark.iris import IrisNetwork
from realtime.landmark.region import regions_from_landmarks
from realtime.landmark.registry import (
    FOLLOWER,
    create_follower,
    create_landmarker,
    follower_name,
    landmarker_entry,
)
from realtime.landmark.types import Follower, FromMesh, Landmarker


class Networks:
    """Detectors by name, the mesh, and the attributes' classifiers.

    Each network locks itself while it runs, so one instance may serve several threads; streams
    with an instance of their own run in parallel. All but the mesh are loaded at their first use.

    Args:
        threads: number of threads a network may use.

    Raises:
        models.ModelError: the mesh's network is missing or damaged.

    Example:
        >>> Networks().classifier("mask").labels
        ('with_mask', 'without_mask', 'incorrect')
    """

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._detectors: dict[str, Detector] = {}
        self._parallel: dict[str, list[Detector]] = {}
        self._followers: dict[str, Follower] = {}
        self._landmarkers: dict[tuple[str, str | None], Landmarker] = {}
        self._classifiers: dict[str, FaceClassifier] = {}
        self._iris: IrisNetwork | None = None
        self.mesh = self._follower(FOLLOWER)

    def detector(self, name: str) -> Detector:
        """The detector of that name, created at the first call.

        Raises:
            ValueError: there is none of that name.
        """
        if name not in self._detectors:
            self._detectors[name] = create_detector(name, threads=self._threads)
        return self._detectors[name]

    def detectors(self, name: str) -> list[Detector]:
        """As many detectors of that name as a network may use threads, each with one thread.

        Many small pictures, such as the tiles of a photo, run faster through these than through
        one detector with all threads: a small network has too little work to share.

        Raises:
            ValueError: as `detector`.
        """
        if self._threads == 1:
            return [self.detector(name)]
        if name not in self._parallel:
            self._parallel[name] = [create_detector(name) for _ in range(self._threads)]
        return self._parallel[name]

    @property
    def iris(self) -> IrisNetwork:
        """The iris network."""
        if self._iris is None:
            self._iris = IrisNetwork(threads=self._threads)
        return self._iris

    def follower(self, settings: AnalysisSettings) -> Follower:
        """The landmarker that finds and follows faces: the chosen one if it can, or the mesh.

        Raises:
            ValueError: there is none of that name.
            models.ModelError: its model is missing or damaged.
        """
        return self._follower(follower_name(settings.landmarks))

    def _follower(self, name: str) -> Follower:
        if name not in self._followers:
            self._followers[name] = create_follower(name, threads=self._threads)
        return self._followers[name]

    def landmarker(self, settings: AnalysisSettings) -> Landmarker | None:
        """The landmarker beside the mesh that these settings ask for; None where it follows them.

        Raises:
            ValueError: there is none of that name.
            models.ModelError: its model, or the user's file, is missing or damaged.
        """
        if landmarker_entry(settings.landmarks).follows:
            return None
        key = (settings.landmarks, settings.landmarks_file)
        if key not in self._landmarkers:
            file = None if key[1] is None else Path(key[1])
            self._landmarkers[key] = create_landmarker(key[0], threads=self._threads, file=file)
        return self._landmarkers[key]

    def other_landmarks(
        self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings
    ) -> Landmarks | None:
        """The landmarks of the landmarker beside the mesh, from the mesh or in its regions.

        Returns:
            None where the settings ask for the mesh.

        Raises:
            ValueError, models.ModelError: as `landmarker`.
        """
        landmarker = self.landmarker(settings)
        if landmarker is None or faces.landmarks is None:
            return None
        if isinstance(landmarker, FromMesh):
            return landmarker.from_mesh(frame_bgr, faces.landmarks)
        return landmarker(frame_bgr, regions_from_landmarks(faces.landmarks))[0]

    def classifier(self, attribute: str) -> FaceClassifier:
        """The classifier of that attribute.

        Raises:
            KeyError: there is no such attribute.
            models.ModelError: its network is missing or damaged, or has other labels.
        """
        if attribute not in self._classifiers:
            entry = ATTRIBUTES[attribute]
            self._classifiers[attribute] = FaceClassifier(
                entry.network, labels=entry.labels, threads=self._threads
            )
        return self._classifiers[attribute]

    def warm_up(self, settings: AnalysisSettings, *, faces: int = 4) -> None:
        """Load and run what these settings need, for frames of up to `faces` faces.

        Raises:
            ValueError, models.ModelError: as above.
        """
        self.detector(settings.detector)
        between = detector_entry(settings.detector).fast_fallback
        if between:
            self.detector(between)
        self.follower(settings).warm_up(faces)
        for attribute in enabled(settings):
            self.classifier(attribute.name).warm_up(faces)
        if settings.gaze:
            self.iris.warm_up(faces)
        landmarker = self.landmarker(settings)
        if landmarker is not None:
            landmarker.warm_up(faces)

    def classify(self, frame_bgr: Frame, faces: Faces, settings: AnalysisSettings) -> Faces:
        """The faces with the answers that the settings ask for, and the doubts about them.

        Raises:
            ValueError: the faces have no landmarks.
        """
        if faces.landmarks is None:
            raise ValueError("classify needs landmarks")
        five = faces.landmarks.five()
        classifiers = {a.name: self.classifier(a.name) for a in enabled(settings)}
        return judge(
            faces,
            {name: classifier(frame_bgr, five) for name, classifier in classifiers.items()},
            {name: classifier.unsure for name, classifier in classifiers.items()},
            call_unsure=settings.unsure,
        )
