"""Frames of a live stream, on arrival and on departure, and their time stamps."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from av import VideoFrame

CLOCK_RATE_HZ = 90_000  # of video over RTP (RFC 3551)


@dataclass(frozen=True, slots=True, eq=False)
class CameraFrame:
    """A frame as received from the camera.

    Attributes:
        number: position in the stream, from 0.
        frame: the decoded frame.
        received_s: arrival time on the stream's clock.
        drawn: whether it is sent back with an earlier result, at once, so that its own analysis
            gives a result only.
    """

    number: int
    frame: VideoFrame
    received_s: float
    drawn: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AnnotatedFrame:
    """A frame that is ready to be sent back.

    Attributes:
        source: the camera's frame.
        frame: the frame to send.
        analysed_s: arrival time of the frame whose analysis is drawn on it.
        hidden: whether its faces are hidden.
    """

    source: CameraFrame
    frame: VideoFrame
    analysed_s: float
    hidden: bool


class FrameTimestamps:
    """Assigns time stamps to the frames of one stream, by the time each is sent.

    With the camera's time stamps, the browser would take the varying analysis time for network
    jitter and delay all frames by as much as the slowest analysis took.
    """

    def __init__(self) -> None:
        self._epoch_s: float | None = None
        self._pts = -1

    def stamp(self, frame: VideoFrame, now_s: float) -> VideoFrame:
        """Set the time stamp of a frame and return it; time stamps strictly increase."""
        if self._epoch_s is None:
            self._epoch_s = now_s
        self._pts = max(self._pts + 1, round((now_s - self._epoch_s) * CLOCK_RATE_HZ))
        frame.pts, frame.time_base = self._pts, Fraction(1, CLOCK_RATE_HZ)
        return frame
