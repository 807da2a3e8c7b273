"""What the registry knows about a detector: how to create it, its thresholds, its requirements."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import models
from realtime.core.errors import FaceStreamError
from realtime.core.extras import extra_with, install_command, missing_packages
from realtime.detect.ensemble import Member
from realtime.detect.types import Detector

# Packages whose name for pip differs from the name that is imported.
PIP_NAMES = {"dlib": "dlib-bin"}
# Time and memory grow with the picture's area; crowds are still detected at this size.
PHOTO_MAX_SIDE_PX = 1600


class DetectorMissingError(FaceStreamError, RuntimeError):
    """A package or file that a detector needs is missing; the message says what to install."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorEntry:
    """How to create a detector and what users need to know to choose one.

    Thresholds, weights and box shifts come from `python -m benchmarks thresholds`, which measures
    them on pictures of the training split.

    Attributes:
        create: creates the detector, given the number of threads it may use; imports its module.
        title: its name and, after a colon, what it is good for.
        min_score: default confidence threshold, where F1 is greatest or, for our own, nearly so.
        weight: its weight in an ensemble: its greatest F1.
        multi_scale: whether it detects faces of all sizes by itself, so that a photo needs no
            tiles.
        live_refusal: a sentence on why the live page does not offer it; empty if it does.
        packages: what it imports beyond the pipeline's own requirements.
        multi_pass_min_score: threshold where the detector sees the same face several times, on the
            frames of a stream or the tiles of a photo, because false positives then have more
            chances too; None: `min_score`.
        high_precision_score: score from which 95 % of its detections are correct; they are
            accepted even if the mesh, which often fails on masked faces, does not confirm them.
        certain_score: our own detector's threshold where the mesh is sure that there is a face, see
            `realtime.core.certainty`; None for other detectors.
        box_shift: how its boxes must be moved to match those of annotators, see
            `realtime.detect.ensemble.Member`.
        files: the paths of the files it loads; imports its module.
        photo_max_side_px: photos with a longer side above this are scaled down for it.
        members: an ensemble's detectors, by name.
        fast_fallback: the name of a faster detector that a stream uses between this one's frames
            while it searches for a face; empty: this one processes all of them.
        photo_variant: the name of a slower variant for photos; empty: the detector itself.
    """

    create: Callable[[int], Detector]
    title: str
    min_score: float
    weight: float = 0.5
    multi_scale: bool = False
    live_refusal: str = ""
    packages: tuple[str, ...] = ()
    multi_pass_min_score: float | None = None
    high_precision_score: float = 0.65
    certain_score: float | None = None
    box_shift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    files: Callable[[], Sequence[Path]] = tuple
    photo_max_side_px: int = PHOTO_MAX_SIDE_PX
    members: Mapping[str, Member] = field(default_factory=dict)
    fast_fallback: str = ""
    photo_variant: str = ""

    @property
    def name(self) -> str:
        """Its name for users."""
        return self.title.partition(":")[0]

    @property
    def strength(self) -> str:
        """What it is good for, capitalised, without a full stop."""
        text = self.title.partition(":")[2].strip()
        return text[:1].upper() + text[1:]

    @property
    def stream_min_score(self) -> float:
        """Default threshold on the frames of a stream."""
        return self.min_score if self.multi_pass_min_score is None else self.multi_pass_min_score

    @property
    def photo_min_score(self) -> float:
        """Default threshold on a photo, or on each of its tiles."""
        if self.certain_score is not None:
            return self.certain_score
        return self.min_score if self.multi_scale else self.stream_min_score

    @property
    def missing(self) -> str:
        """A sentence on what must be installed before it can be used; empty if nothing."""
        absent = missing_packages(self.packages)
        if absent:
            extra = extra_with(absent)
            names = " ".join(PIP_NAMES.get(p, p) for p in absent)
            command = install_command(extra) if extra else f"pip install {names}"
            return f"{self.name} is not installed: run {command}."
        try:
            self.files()
        except (FileNotFoundError, models.ModelError) as error:
            return f"{self.name} cannot be loaded: {error}"
        return ""
