"""What a user can choose: how faces are detected and followed, and what is drawn."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisSettings:
    """How faces are detected, followed and classified.

    Attributes:
        detector: a name that `realtime.detect.detector_entry` knows.
        min_score: the detector's score from which a face counts, 0 to 1; None is the detector's
            own default.
        max_faces: maximum number of faces followed or reported; the largest are kept.
        attributes: names in `realtime.attribute.registry.ATTRIBUTES` that are classified; None
            stands for those that are on by default. The networks of the others are not loaded.
        unsure: whether doubtful answers are labelled unsure; otherwise the best guess stands.
        landmarks: a name in `realtime.landmark.registry.LANDMARKERS`. Faces are found, followed and
            aligned by the mesh in any case; another one gives the points that are drawn and
            reported.
        landmarks_file: the user's own file for a landmarker that takes one.
        measures: whether head pose, eyes and mouth are measured and blinks counted; always by the
            mesh, whose eyelids are the more exact.
        gaze: whether the iris network estimates where the eyes look.

    Raises:
        ValueError: `min_score` or `max_faces` is out of range.

    Example:
        >>> AnalysisSettings(attributes=frozenset({"mask"}), max_faces=4).detector
        'facestream'
    """

    detector: str = "facestream"
    min_score: float | None = None
    max_faces: int = 16
    attributes: frozenset[str] | None = None
    unsure: bool = True
    landmarks: str = "mesh"
    landmarks_file: str | None = None
    measures: bool = False
    gaze: bool = False

    def __post_init__(self) -> None:
        if self.min_score is not None and not 0 < self.min_score < 1:
            raise ValueError(f"min_score must be between 0 and 1, got {self.min_score}")
        if self.max_faces < 1:
            raise ValueError(f"max_faces must be at least 1, got {self.max_faces}")


TRACK = "track"  # as `DrawSettings.colour_by`


class Hiding(StrEnum):
    """How faces are made unrecognisable: smoothly or in squares; as little of them is left."""

    BLUR = "blur"
    PIXELATE = "pixelate"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSettings:
    """What is drawn on the picture.

    Attributes:
        boxes: a box around each face.
        labels: the attributes with their probabilities, and the track number.
        landmarks: the landmarks, as a mesh where they are joined and as dots otherwise.
        stats: frames per second, latency and dropped frames, in a corner.
        hiding: how faces are made unrecognisable before anything is drawn; None: not at
            all.
        measures: axes of the head, and what was measured of eyes and mouth.
        colour_by: what colours a face's box: the name of an attribute, `TRACK`, or nothing for the
            first attribute with colours that is classified.

    Example:
        >>> DrawSettings(hiding=Hiding.BLUR).labels
        True
    """

    boxes: bool = True
    labels: bool = True
    landmarks: bool = False
    stats: bool = False
    hiding: Hiding | None = None
    measures: bool = False
    colour_by: str = ""
