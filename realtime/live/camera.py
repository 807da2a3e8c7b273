"""Reading of the browser's video track until it ends or stops sending."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from realtime.live.frames import CameraFrame

# Browsers give up a broken connection after 5 s, so one that is silent for longer than this has
# gone. streamlit-webrtc would notice after 30 s only and keep the networks in memory until then.
SILENCE_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 40.0
CHECK_INTERVAL_S = 1.0


class CameraReader:
    """Reads and numbers the frames of a track; use it in the event loop.

    The properties and `silent_s` may be read from any thread.

    Args:
        track: the browser's track.
        on_frame: called with each frame.
        on_end: called when the track has ended or timed out.
        clock: monotonic time in seconds.

    Attributes:
        started_s: start of reading.
        last_frame_s: arrival time of the latest frame; None before the first.
    """

    def __init__(
        self,
        track: MediaStreamTrack,
        on_frame: Callable[[CameraFrame], None],
        on_end: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._track = track
        self._on_frame = on_frame
        self._on_end = on_end
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self.started_s = clock()
        self.last_frame_s: float | None = None
        self._task = self._loop.create_task(self._read())
        self._check_timeout()

    @property
    def elapsed_s(self) -> float | None:
        """Seconds from `started_s` to the latest frame; None before the first."""
        return None if self.last_frame_s is None else self.last_frame_s - self.started_s

    def age_s(self, time_s: float) -> float:
        """How much later than `time_s` the latest frame arrived."""
        return 0.0 if self.last_frame_s is None else self.last_frame_s - time_s

    def silent_s(self) -> float:
        """Seconds since the latest frame, or since the start if none has arrived."""
        since_s = self.started_s if self.last_frame_s is None else self.last_frame_s
        return self._clock() - since_s

    def stop(self) -> None:
        """Stop reading."""
        self._task.cancel()
        self._timer.cancel()
        self._track.stop()  # otherwise the relay continues to fill its queue

    async def _read(self) -> None:
        number = 0
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await self._track.recv()
                if isinstance(frame, VideoFrame):
                    self.last_frame_s = self._clock()
                    self._on_frame(CameraFrame(number, frame, self.last_frame_s))
                    number += 1
        self._on_end()

    def _check_timeout(self) -> None:
        timeout_s = CONNECT_TIMEOUT_S if self.last_frame_s is None else SILENCE_TIMEOUT_S
        if self.silent_s() > timeout_s:
            self._on_end()
        self._timer = self._loop.call_later(CHECK_INTERVAL_S, self._check_timeout)
