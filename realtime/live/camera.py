"""The way into a live stream: the browser's track, read until it ends or falls silent."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from realtime.live.frames import Shot

# A browser that falls silent for so long is gone, for it gives up a broken connection after 5 s;
# streamlit-webrtc would notice only after half a minute, and keep the networks in memory till then.
SILENCE_S = 10.0
CONNECTING_S = 40.0


class CameraReader:
    """Numbers the frames of a track as they arrive; the event loop's, but for what it tells.

    Args:
        track: the browser's.
        take: is given each frame.
        over: is called when the track has ended or nothing has come for long.
        clock: seconds, monotonic.

    Attributes:
        started_s: when reading began.
        last_frame_s: when the last frame came; None before the first.
    """

    def __init__(
        self,
        track: MediaStreamTrack,
        take: Callable[[Shot], None],
        over: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._track = track
        self._take = take
        self._over = over
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self.started_s = clock()
        self.last_frame_s: float | None = None
        self._task = self._loop.create_task(self._read())
        self._watch()

    @property
    def elapsed_s(self) -> float | None:
        """Seconds from `started_s` to the newest frame; None before the first."""
        return None if self.last_frame_s is None else self.last_frame_s - self.started_s

    def silent_s(self) -> float:
        """Seconds since the last frame, or since the start if there was none."""
        since_s = self.started_s if self.last_frame_s is None else self.last_frame_s
        return self._clock() - since_s

    def stop(self) -> None:
        """Read no more."""
        self._task.cancel()
        self._timer.cancel()
        self._track.stop()  # or the relay would go on filling its queue

    async def _read(self) -> None:
        number = 0
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await self._track.recv()
                if isinstance(frame, VideoFrame):
                    self.last_frame_s = self._clock()
                    self._take(Shot(number, frame, self.last_frame_s))
                    number += 1
        self._over()

    def _watch(self) -> None:
        """Look once a second whether the browser is still there."""
        patience_s = CONNECTING_S if self.last_frame_s is None else SILENCE_S
        if self.silent_s() > patience_s:
            self._over()
        self._timer = self._loop.call_later(1.0, self._watch)
