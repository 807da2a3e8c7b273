"""What a user should know to choose a detector, and what it needs to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import models
from realtime.core.errors import FaceStreamError
from realtime.core.extras import extra_with, install_command, missing_packages
from realtime.detect.ensemble import Member
from realtime.detect.types import Detector
from realtime.detect.whole import LIMIT_PX

# Where a package is not called as it is imported.
INSTALLED_AS = {"dlib": "dlib-bin"}


class DetectorMissingError(FaceStreamError, RuntimeError):
    """A detector's package is not installed; the message is one sentence that says which."""


@dataclass(frozen=True, slots=True)
class DetectorEntry:
    """How a detector is made and what a user should know to choose it.

    Attributes:
        create: makes one, given the threads it may use.
        title: its name in plain words and, after a colon, what it is good for.
        min_score: the score from which its answers count, unless the user says otherwise: where
            `python -m benchmarks thresholds` finds F1 to be greatest, on training-side pictures.
        weight: how much its word counts in an ensemble: its greatest F1 there.
        box_shift: how annotators draw a face beside how it does, see `ensemble.Member`.
        multi_scale: whether it looks for faces of all sizes by itself, so that a still picture is
            shown to it whole and not in tiles as well.
        not_live: why the live page does not offer it, a sentence; empty where it does.
        packages: what it imports beyond what the pipeline needs anyway.
        repeated_min_score: the least score where one is asked about a face again and again, if
            that is another: on the frames of a stream, on the tiles of a still picture. A face
            answers more than once there, and a chance likeness has more chances.
        sure_score: the score from which 95 % of its answers are right, on the same pictures: they
            stand though the mesh, which knows few masked faces, is in doubt.
        files: what it loads, as far as that lies in files of its own.
        photo_limit_px: the longer side that a still picture has at most when it is shown whole.
        members: of an ensemble, its detectors by name.
        between: the name of a faster detector that a stream asks on the frames between those that
            this one looks at, while a face is searched for; empty where it looks at all of them.
        still: the name of a slower one that still pictures are shown to; empty where it is this.
    """

    create: Callable[[int], Detector]
    title: str
    min_score: float
    weight: float = 0.5
    multi_scale: bool = False
    not_live: str = ""
    packages: tuple[str, ...] = ()
    repeated_min_score: float | None = None
    sure_score: float = 0.65
    box_shift: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    files: Callable[[], Sequence[Path]] = tuple
    photo_limit_px: int = LIMIT_PX
    members: Mapping[str, Member] = field(default_factory=dict)
    between: str = ""
    still: str = ""

    @property
    def name(self) -> str:
        """Its name in plain words."""
        return self.title.partition(":")[0]

    @property
    def strength(self) -> str:
        """What it is good for, a sentence's beginning in upper case."""
        words = self.title.partition(":")[2].strip()
        return words[:1].upper() + words[1:]

    @property
    def stream_min_score(self) -> float:
        """The least score on the frames of a stream."""
        return self.min_score if self.repeated_min_score is None else self.repeated_min_score

    @property
    def photo_min_score(self) -> float:
        """The least score on a still picture, or on a tile where it is cut into such."""
        return self.min_score if self.multi_scale else self.stream_min_score

    @property
    def missing(self) -> str:
        """A sentence on what is missing before it can be used; empty if nothing."""
        absent = missing_packages(self.packages)
        if absent:
            extra = extra_with(absent)
            names = " ".join(INSTALLED_AS.get(p, p) for p in absent)
            command = install_command(extra) if extra else f"pip install {names}"
            return f"{self.name} cannot be used here: install it with {command}."
        try:
            self.files()
        except (FileNotFoundError, models.ModelError) as error:
            return f"{self.name} cannot be used here: {error}"
        return ""
