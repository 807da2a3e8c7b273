"""What a user can choose: how faces are found and followed, and what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from realtime.detect import detector_entry


@dataclass(frozen=True, slots=True)
class AnalysisSettings:
    """How faces are found, followed and classified.

    Attributes:
        detector: a name that `realtime.detect.detector_entry` knows.
        min_score: the detector's score from which a face counts, 0 to 1; None is the detector's
            own default.
        max_faces: most faces followed or reported; the largest are kept.
        mask: whether masks are classified.
        emotion: whether emotions are classified.
        unsure: whether doubtful answers are called unsure; else the best guess stands.
        gender: whether gender is classified; its network is loaded only then.
        landmarks: a name in `realtime.landmark.registry.LANDMARKERS`. Faces are found, followed and
            aligned by the mesh in any case; another one gives the points that are shown and told.
        landmarks_file: the user's own file for a landmarker that takes one.
        measures: whether head pose, eyes and mouth are measured and blinks counted; by the mesh,
            whose eyelids are the more exact, whichever landmarks are shown.
        gaze: whether the iris network tells where eyes look; it is loaded only then.
    """

    detector: str = "facestream"
    min_score: float | None = None
    max_faces: int = 16
    mask: bool = True
    emotion: bool = True
    unsure: bool = True
    gender: bool = False
    landmarks: str = "mesh"
    landmarks_file: str | None = None
    measures: bool = False
    gaze: bool = False

    def __post_init__(self) -> None:
        if self.min_score is not None and not 0 < self.min_score < 1:
            raise ValueError(f"min_score must lie between 0 and 1, got {self.min_score}")
        if self.max_faces < 1:
            raise ValueError(f"max_faces must be at least 1, got {self.max_faces}")

    @property
    def least_photo_score(self) -> float:
        """The score from which one answer counts on a still picture or a tile of it."""
        entry = detector_entry(self.detector)
        shown_to = detector_entry(entry.photo_variant) if entry.photo_variant else entry
        return shown_to.photo_min_score if self.min_score is None else self.min_score


class Hiding(StrEnum):
    """How faces are made unrecognisable: smoothly or in squares; as little of them is left."""

    BLUR = "blur"
    PIXELATE = "pixelate"


@dataclass(frozen=True, slots=True)
class DrawSettings:
    """What is drawn on the picture.

    Attributes:
        boxes: a box about each face.
        labels: mask and emotion with their probabilities, and the track id.
        landmarks: the face mesh, or dlib's points.
        stats: frames per second, age of the result and frames dropped, in a corner.
        hiding: how faces are made unrecognisable before anything is drawn; None: they are shown.
        measures: axes of the head, and what was measured of eyes and mouth, where it was.
    """

    boxes: bool = True
    labels: bool = True
    landmarks: bool = False
    stats: bool = False
    hiding: Hiding | None = None
    measures: bool = False
