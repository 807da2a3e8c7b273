"""A fake camera and a fake analyser, controlled by the test."""

from __future__ import annotations

import asyncio
import threading
from fractions import Fraction

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from realtime.core.faces import Faces, Frame, FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.live.frame_processor import StreamSettings
from realtime.media.frames import to_bgr, to_video

FACE = Faces.from_boxes([[10, 8, 40, 40]])


def video_frame(number: int, *, width: int = 64, height: int = 48) -> VideoFrame:
    """A uniformly gray frame whose brightness encodes its number, up to 40."""
    gray = np.full((height, width, 3), 20 + 5 * number, np.uint8)
    frame = to_video(gray)
    frame.pts, frame.time_base = number * 3000, Fraction(1, 90000)
    return frame


def number_of(frame: VideoFrame) -> int:
    """The number encoded by `video_frame`, read from a corner outside the face."""
    return round((int(to_bgr(frame, mirror=False)[1, 1, 0]) - 20) / 5)


class FakeCamera(MediaStreamTrack):
    """Sends frames when the test says so."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self._frames: asyncio.Queue[VideoFrame | None] = asyncio.Queue()
        self._next = 0

    def send(self, count: int = 1) -> None:
        """Send `count` frames at once."""
        for _ in range(count):
            self._frames.put_nowait(video_frame(self._next))
            self._next += 1

    def end(self) -> None:
        """End the track."""
        self._frames.put_nowait(None)

    async def recv(self) -> VideoFrame:
        frame = await self._frames.get()
        if frame is None:
            raise MediaStreamError
        return frame


class FakeAnalyser:
    """Reports one face; waits and fails when the test says so.

    Attributes:
        made_with: settings on creation.
        made_in: name of the thread that created it.
        gate: each analysis waits until it is set.
        entered: set when an analysis begins.
        error: raised by each analysis unless None.
        analysed_with: settings of each analysis.
        hidden: number of frames whose faces were hidden.
    """

    def __init__(self, settings: AnalysisSettings) -> None:
        self.made_with = settings
        self.made_in = threading.current_thread().name
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.error: BaseException | None = None
        self.analysed_with: list[AnalysisSettings] = []
        self.hidden = 0

    def analyse(self, frame_bgr: Frame, now_s: float, settings: AnalysisSettings) -> FrameResult:
        self.entered.set()
        assert self.gate.wait(10)
        self.analysed_with.append(settings)
        if self.error is not None:
            raise self.error
        return FrameResult(FACE, (frame_bgr.shape[1], frame_bgr.shape[0]), now_s)

    def close(self) -> None: ...

    def hide(self, frame_bgr: Frame, result: FrameResult, settings: StreamSettings) -> None:
        self.hidden += 1
        x0, y0, x1, y1 = result.faces.xyxy[0].astype(int)
        frame_bgr[y0:y1, x0:x1] = 0
