"""Two WebRTC peers in one process: real faces are sent, detected and sent back."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from itertools import cycle

import aioice.ice
import cv2
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamTrack
from av import VideoFrame

from benchmarks.fake_camera import moving_faces
from realtime.core.settings import DrawSettings, Hiding
from realtime.live.direct_relay import DirectRelay
from realtime.live.frame_processor import StreamSettings
from realtime.live.live_track import LiveTrack
from realtime.media.frames import to_bgr
from tests.open_faces import open_faces

WAIT_S = 60.0
FRAMES = 24


class FaceVideo(MediaStreamTrack):
    """Moving real faces at ten frames per second."""

    kind = "video"

    def __init__(self, faces: int) -> None:
        super().__init__()
        self._pictures = cycle(list(moving_faces(faces, FRAMES)))
        self._number = 0

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(0.1)
        frame = VideoFrame.from_ndarray(next(self._pictures), format="bgr24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = self._number * 9000, Fraction(1, 90000)
        self._number += 1
        return frame


@pytest.fixture(autouse=True)
def _loopback_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ICE use 127.0.0.1, which it ignores by default."""
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda *_, **__: ["127.0.0.1"])


async def stream(faces: int, settings: StreamSettings) -> tuple[LiveTrack, list[np.ndarray]]:
    """Stream until all faces are detected; return the track and five returned pictures.

    The server side is wired as streamlit-webrtc does it.
    """
    browser, server, relay = RTCPeerConnection(), RTCPeerConnection(), DirectRelay()
    live = LiveTrack(settings)
    back: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()

    @server.on("track")
    def _(track: MediaStreamTrack) -> None:
        live.addTrack(relay.subscribe(track))
        server.addTrack(relay.subscribe(relay.subscribe(live)))

    browser.on("track", back.set_result)
    browser.addTrack(FaceVideo(faces))
    try:
        await browser.setLocalDescription(await browser.createOffer())
        await server.setRemoteDescription(browser.localDescription)
        live.start()
        await server.setLocalDescription(await server.createAnswer())
        await browser.setRemoteDescription(server.localDescription)
        track = await asyncio.wait_for(back, WAIT_S)
        pictures: list[np.ndarray] = []
        async with asyncio.timeout(WAIT_S):
            while len(pictures) < 5:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                if live.result is not None and len(live.result.faces) == faces:
                    pictures.append(to_bgr(frame, mirror=False))
        return live, pictures
    finally:
        live.stop()
        await browser.close()
        await server.close()


@pytest.mark.parametrize("faces", [1, 2])
def test_faces_are_detected_and_sent_back(faces: int) -> None:
    counts: list[int] = []
    settings = StreamSettings(draw=DrawSettings(boxes=False, labels=False))

    async def scenario() -> None:
        live, pictures = await stream(faces, settings)
        assert live.faults == 0
        assert live.problem is None
        counts.extend(count_faces(p) for p in pictures)

    asyncio.run(scenario())
    assert max(counts) == faces


def test_hidden_faces_are_not_detectable_in_the_returned_video() -> None:
    settings = StreamSettings(draw=DrawSettings(boxes=False, labels=False, hiding=Hiding.PIXELATE))

    async def scenario() -> None:
        _, pictures = await stream(1, settings)
        assert [count_faces(p) for p in pictures] == [0] * len(pictures)

    asyncio.run(scenario())


def count_faces(picture: np.ndarray) -> int:
    frame = np.asarray(cv2.resize(picture, (640, 480)), np.uint8)
    return open_faces(frame)
