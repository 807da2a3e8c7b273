"""How far a job on a video is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """State of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class Stage(Enum):
    """What a running job is doing."""

    LOADING = "loading"
    ANALYSING = "analysing"
    FINISHING = "finishing"


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress of a job.

    Attributes:
        done: number of frames analysed.
        total: number of frames of the video.
        fps: frames per second so far; 0 before the first frame.
    """

    done: int
    total: int
    fps: float

    @property
    def share(self) -> float:
        """Share of frames analysed, 0 to 1."""
        return min(1.0, self.done / max(self.total, 1))

    @property
    def left_s(self) -> float | None:
        """Estimated seconds until the end; None before the first frame."""
        return max(0, self.total - self.done) / self.fps if self.fps else None
