"""Nothing of a stream is left when it ends, however it ends."""

from __future__ import annotations

import asyncio
import gc
import inspect
import weakref
from typing import Any

import aioice.ice
import pytest
from aiortc import RTCPeerConnection
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from streamlit.runtime import Runtime
from streamlit_webrtc import AudioSinkTrack, WebRtcMode
from streamlit_webrtc.relay import get_global_relay
from streamlit_webrtc.webrtc import WebRtcWorker

from realtime.live import bad_networks, webrtc
from realtime.live.live_track import LiveTrack
from realtime.live.remote_track import MAX_FRAMES, BoundedRemoteTrack
from tests.live.rig import PLAIN, run, until
from tests.live.stubs import FakeAnalyser, video_frame
from tests.live.test_bad_networks import Numbered

WAIT_S = 60.0


@pytest.fixture(autouse=True)
def _as_in_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use our parts of aiortc and our relay during the test, and let ICE use 127.0.0.1."""
    for module, name, _ in bad_networks.REPLACED:
        monkeypatch.setattr(module, name, getattr(module, name))  # restored afterwards
    bad_networks.install()
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda *_, **__: ["127.0.0.1"])

    class Server:
        """Stands for Streamlit's runtime."""

    server = Server()
    monkeypatch.setattr(Runtime, "exists", lambda: True)
    monkeypatch.setattr(Runtime, "instance", lambda: server)
    webrtc._use_direct_relay()


class Viewer:
    """A browser and the worker that streamlit-webrtc makes for it."""

    def __init__(self) -> None:
        self.browser = RTCPeerConnection()
        self.browser.addTrack(Numbered())
        self.track = LiveTrack(PLAIN, make_analyser=FakeAnalyser)
        arguments: dict[str, Any] = dict.fromkeys(inspect.signature(WebRtcWorker).parameters)
        arguments |= {
            "mode": WebRtcMode.SENDRECV,
            "source_video_track": self.track,
            "sink_video_track": self.track,
            "sink_audio_track": AudioSinkTrack(self.track.on_audio),
            "sendback_video": True,
            "loop": asyncio.get_running_loop(),
            "relay": get_global_relay(),
        }
        self.worker = WebRtcWorker(**arguments)
        self.shown: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
        self.browser.on("track", self.shown.set_result)

    async def connect(self, *, answer: bool = True) -> None:
        """Press Start; without the answer the browser vanishes before it is connected."""
        await self.browser.setLocalDescription(await self.browser.createOffer())
        offer = self.browser.localDescription
        reply = await asyncio.to_thread(self.worker.process_offer, offer.sdp, offer.type)
        if answer:
            await self.browser.setRemoteDescription(reply)

    async def watch(self, frames: int) -> None:
        """Receive some frames."""
        async with asyncio.timeout(WAIT_S):
            track = await self.shown
            for _ in range(frames):
                await track.recv()


async def nothing_left(track: weakref.ref[LiveTrack]) -> None:
    def freed() -> bool:
        gc.collect()
        return track() is None and asyncio.all_tasks() == {asyncio.current_task()}

    await until(freed)


def test_the_browser_closes_the_connection() -> None:
    async def scenario() -> None:
        viewer = Viewer()
        await viewer.connect()
        await viewer.watch(5)
        await viewer.browser.close()
        async with asyncio.timeout(WAIT_S):
            while not viewer.track.ended:
                await asyncio.sleep(0.01)
        await asyncio.to_thread(viewer.worker.stop)
        track = weakref.ref(viewer.track)
        del viewer
        await nothing_left(track)

    run(scenario())


@pytest.mark.parametrize("connected", [True, False])
def test_the_session_ends(connected: bool) -> None:
    async def scenario() -> None:
        viewer = Viewer()
        await viewer.connect(answer=connected)
        if connected:
            await viewer.watch(5)
        await asyncio.to_thread(viewer.worker.stop)
        await viewer.browser.close()
        track = weakref.ref(viewer.track)
        del viewer
        await nothing_left(track)

    run(scenario())


def test_a_camera_track_that_nobody_reads_stays_small() -> None:
    async def scenario() -> None:
        track = BoundedRemoteTrack("video")
        for number in range(100):
            await track._queue.put(video_frame(number % 40))
        assert track._queue.qsize() == MAX_FRAMES["video"]
        await track._queue.put(None)  # the end, as aiortc's decoder says it
        for _ in range(MAX_FRAMES["video"] - 1):
            await track.recv()
        assert track.readyState == "live"
        with pytest.raises(MediaStreamError):
            await track.recv()
        assert track.readyState == "ended"

    run(scenario())
