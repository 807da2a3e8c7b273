"""Our own detector and the mesh together, as photos accept faces, measured like one detector."""

from __future__ import annotations

from pathlib import Path

import models
from realtime.core.certainty import certainty
from realtime.core.faces import Faces, Frame
from realtime.core.settings import AnalysisSettings
from realtime.detect import Detector, DetectorEntry, create_detector, detector_entry
from realtime.engine.networks import Networks
from realtime.engine.photo import with_mesh

SUFFIX = " + mesh"
PHOTOS = detector_entry(AnalysisSettings().detector).photo_variant


class MeshedDetector:
    """A detector whose scores are the certainty of detector and mesh together.

    Args:
        name: The detector.
        threads: Number of threads a network may use.
    """

    def __init__(self, name: str, *, threads: int = 1) -> None:
        self._networks, self._settings = Networks(threads=threads), AnalysisSettings()
        self._detector = self._networks.detector(name)

    def detect(self, frame_bgr: Frame, *, min_score: float) -> Faces:
        """Detect faces; see `realtime.detect.types.Detector`."""
        faces = self._detector.detect(frame_bgr, min_score=min_score)
        faces = with_mesh(self._networks.follower(self._settings), frame_bgr, faces)
        assert faces.presence is not None
        faces = faces.with_(score=certainty(faces.score, faces.presence))
        return faces[faces.score >= min_score]


def create(name: str, *, threads: int = 1) -> Detector:
    """Create a detector; with `SUFFIX` in its name, together with the mesh."""
    if name.endswith(SUFFIX):
        return MeshedDetector(name.removesuffix(SUFFIX), threads=threads)
    return create_detector(name, threads=threads)


def entry_of(name: str) -> DetectorEntry:
    """What the registry knows of the detector, with or without the mesh."""
    return detector_entry(name.removesuffix(SUFFIX))


def default_score(name: str) -> float:
    """The default threshold of such a detector."""
    entry = entry_of(name)
    if not name.endswith(SUFFIX):
        return entry.min_score
    assert entry.certain_score is not None
    return entry.certain_score


def files(name: str) -> list[Path]:
    """The files of the networks that it runs."""
    mesh = [models.load("mesh").path] if name.endswith(SUFFIX) else []
    return [*entry_of(name).files(), *mesh]
