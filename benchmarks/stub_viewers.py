"""Live streams without a browser: stub cameras in, the server's real work, all results taken."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from benchmarks.moving_faces import moving_frames
from realtime.live.analysis_thread import MAX_RESULT_AGE_S
from realtime.live.live_track import LiveTrack
from realtime.live.result_channel import HEAD
from realtime.media.frames import to_video

CAMERA_FPS = 30


def camera_clip(faces: int, size_wh: tuple[int, int]) -> list[VideoFrame]:
    """Three seconds of moving faces as a decoder gives them out: yuv420p."""
    return [to_video(frame) for frame in moving_frames(faces, size_wh)]


class StubCamera(MediaStreamTrack):
    """Plays a clip in a loop, one frame per period by the clock.

    Args:
        clip: frames, shared by all cameras.
        phase: start, from 0 to 1: in the clip and in the period, so that cameras do not coincide.
    """

    kind = "video"

    def __init__(self, clip: list[VideoFrame], phase: float) -> None:
        super().__init__()
        self._clip, self._number = clip, round(phase * len(clip))
        self.sent = 0  # frames that the server has taken
        self._next_s = time.monotonic() + phase / CAMERA_FPS

    async def recv(self) -> VideoFrame:
        """Wait for the next frame.

        Raises:
            MediaStreamError: the camera was stopped.
        """
        await asyncio.sleep(self._next_s - time.monotonic())
        if self.readyState != "live":
            raise MediaStreamError
        self._next_s += 1 / CAMERA_FPS
        self._number += 1
        self.sent += 1
        return self._clip[self._number % len(self._clip)]


@dataclass(slots=True, eq=False)
class Viewer:
    """One viewer: a track, and what was received from it.

    Where the browser draws, it shows its own camera; `shown` then counts the frames that the server
    took of it, and ages are those of results on their arrival.

    Attributes:
        track: the live track; its settings say who draws.
        ages_ms: age of the latest analysis at each picture, at most `MAX_RESULT_AGE_S`, or of each
            result.
        since_s: time of the last `reset` since the start of the track.
    """

    track: LiveTrack
    ages_ms: list[float] = field(default_factory=list)
    since_s: float = 0.0
    _pictures: int = 0
    _camera: StubCamera | None = None

    @property
    def shown(self) -> int:
        """Pictures since the last `reset`."""
        if self._camera is not None and self.track.settings.overlay:
            return self._camera.sent
        return self._pictures

    def start(self, camera: StubCamera) -> asyncio.Task[None]:
        """Start the stream and receive its pictures, or results, until it ends."""
        self._camera = camera
        self.track.addTrack(camera)
        self.track.start()
        overlay = self.track.settings.overlay
        return asyncio.create_task(self._read_results() if overlay else self._receive())

    def reset(self) -> None:
        """Begin to count."""
        self._pictures, self.ages_ms = 0, []
        self.since_s = self.track.elapsed_s or 0.0
        if self._camera is not None:
            self._camera.sent = 0

    def analyses(self) -> tuple[int, int]:
        """Frames analysed since the last `reset`, and the median number of faces on them."""
        rows = self.track.table.rows(since_s=self.since_s)
        counts = np.unique(rows["frame"], return_counts=True)[1]
        return len(counts), int(np.median(counts)) if len(counts) else 0

    async def _receive(self) -> None:
        while True:
            try:
                await self.track.recv()
            except MediaStreamError:
                return
            self._pictures += 1
            result = self.track.result
            age_s = MAX_RESULT_AGE_S if result is None else time.monotonic() - result.time_s
            self.ages_ms.append(min(age_s, MAX_RESULT_AGE_S) * 1e3)

    async def _read_results(self) -> None:
        reader = self.track.browser_drawing.channel.open()
        while (message := await reader.next()) is not None:
            number, age_ms, _ = HEAD.unpack_from(message)
            reader.acknowledge(number)
            self.ages_ms.append(age_ms)
