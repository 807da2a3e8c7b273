"""Results instead of frames, for a browser that draws on its own picture."""

from __future__ import annotations

import math
from collections.abc import Callable

from realtime.core.faces import Faces, FrameResult
from realtime.live.frame_processor import StreamSettings
from realtime.live.frames import CameraFrame
from realtime.live.result_channel import ResultChannel
from realtime.live.stats import LiveStats
from realtime.render.overlay import NOT_DRAWN, overlay_message

# The browser moves faces on between two results, so that every second frame of 30 per second is
# enough; a little less than two periods, for frames do not come quite evenly.
MIN_INTERVAL_S = 0.055


class BrowserDrawing:
    """Decides who draws, and offers each result to the browser. For any thread.

    The browser draws only while it reads the results: if its connection fails, or before there is
    one, the server draws, whatever the settings say.

    Args:
        stats: the stream's statistics; a result that is offered counts like a frame.
        clock: monotonic time in seconds.

    Attributes:
        channel: passes the results on.
    """

    def __init__(self, stats: LiveStats, clock: Callable[[], float]) -> None:
        self.channel = ResultChannel(clock)
        self._stats = stats
        self._clock = clock
        self._analysed_s = -math.inf

    def active(self, settings: StreamSettings) -> bool:
        """Whether the browser draws; it cannot hide faces."""
        return settings.overlay and settings.draw.hiding is None and self.channel.connected

    def due(self, frame: CameraFrame) -> bool:
        """Whether a frame is to be analysed while the browser draws."""
        if frame.received_s - self._analysed_s < MIN_INTERVAL_S:
            return False
        self._analysed_s = frame.received_s
        return True

    def offer(
        self, frame: CameraFrame, result: FrameResult | None, settings: StreamSettings
    ) -> None:
        """Offer a frame's result; None, if its analysis failed, stands for no faces."""
        number, received_s = frame.number, frame.received_s
        if not self.active(settings):
            return self.channel.offer(number, received_s, NOT_DRAWN)
        if result is None:
            size_wh = frame.frame.width, frame.frame.height
            result = FrameResult(Faces.empty(), size_wh, received_s)
        now_s = self._clock()
        self._stats.result_sent(number, now_s, (now_s - received_s) * 1e3)
        stats = self._stats.read(now_s) if settings.draw.stats else None
        body = overlay_message(result, settings.draw, mirror=settings.mirror, stats=stats)
        self.channel.offer(number, received_s, body)
