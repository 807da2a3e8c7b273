"""A live stream's frames on their way: as they come, as they leave, and the time they leave at."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from av import VideoFrame

CLOCK_RATE = 90_000  # of time stamps, as video over RTP has it


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """A frame of the camera: its place in the stream and when it arrived."""

    number: int
    frame: VideoFrame
    received_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """A finished frame, when the analysis drawn on it was captured, and if faces are hidden."""

    shot: Shot
    frame: VideoFrame
    analysed_s: float
    hidden: bool


class Stamps:
    """Time stamps for the frames of one stream.

    A frame is stamped with the time at which it leaves. With the camera's time stamps the browser
    would take the time that each analysis took for the network's trembling, and hold every frame
    back by as much as the slowest ones needed.
    """

    def __init__(self) -> None:
        self._epoch_s: float | None = None
        self._pts = -1

    def stamp(self, frame: VideoFrame, now_s: float) -> VideoFrame:
        """The frame itself, stamped; stamps grow with each."""
        if self._epoch_s is None:
            self._epoch_s = now_s
        self._pts = max(self._pts + 1, round((now_s - self._epoch_s) * CLOCK_RATE))
        frame.pts, frame.time_base = self._pts, Fraction(1, CLOCK_RATE)
        return frame
