"""A started live track with a fake camera and a fake analyser."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any

from av import VideoFrame

from realtime.core.settings import AnalysisSettings, DrawSettings, Hiding
from realtime.live.frame_processor import StreamSettings
from realtime.live.live_track import LiveTrack
from tests.live.stubs import FakeAnalyser, FakeCamera

PLAIN = StreamSettings(draw=DrawSettings(boxes=False, labels=False))
HIDDEN = StreamSettings(draw=DrawSettings(boxes=False, labels=False, hiding=Hiding.PIXELATE))
WAIT_S = 10.0
_started: list[LiveTrack] = []


class Rig:
    """A started live track, its camera and its analysers."""

    def __init__(
        self,
        settings: StreamSettings = PLAIN,
        *,
        clock: Callable[[], float] = time.monotonic,
        track: type[LiveTrack] = LiveTrack,
    ) -> None:
        self.analysers: list[FakeAnalyser] = []
        self.camera = FakeCamera()
        self.track = track(settings, make_analyser=self._make, clock=clock)
        self.track.addTrack(self.camera)
        self.track.start()
        _started.append(self.track)

    def _make(self, settings: AnalysisSettings) -> FakeAnalyser:
        self.analysers.append(FakeAnalyser(settings))
        return self.analysers[-1]

    @property
    def analyser(self) -> FakeAnalyser:
        return self.analysers[0]

    async def receive(self) -> VideoFrame:
        return await asyncio.wait_for(self.track.recv(), WAIT_S)

    async def send_and_receive(self) -> VideoFrame:
        self.camera.send()
        return await self.receive()


async def until(condition: Callable[[], bool]) -> None:
    """Run the event loop until the condition holds."""
    async with asyncio.timeout(WAIT_S):
        while not condition():
            await asyncio.sleep(0.002)


def run(scenario: Coroutine[Any, Any, None]) -> None:
    """Run a test; the tracks of one that fails are stopped, so that the next ones can pass."""
    try:
        asyncio.run(scenario)
    finally:
        while _started:
            _started.pop().stop()
