"""Two peers in one process, with a bad network between them."""

from __future__ import annotations

import asyncio
import random
from fractions import Fraction
from itertools import pairwise

import aioice.ice
import numpy as np
import pytest
from aiortc import RTCPeerConnection, rtcpeerconnection, rtcrtpreceiver, rtp
from aiortc.mediastreams import MediaStreamTrack
from aiortc.rtcdtlstransport import RTCDtlsTransport
from av import VideoFrame

from realtime.live import bad_networks
from realtime.live.video_sender import MIN_KEY_FRAME_INTERVAL_S, PacedSender

WAIT_S = 60.0
FPS = 30
ROUGH = 4  # how exact the encoder is


class Numbered(MediaStreamTrack):
    """Grey frames, each with its number as brightness."""

    kind = "video"

    def __init__(self) -> None:
        super().__init__()
        self.sent = 0

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(1 / FPS)
        grey = np.full((48, 64, 3), 16 + self.sent % 200, np.uint8)
        frame = VideoFrame.from_ndarray(grey, format="bgr24")
        frame.pts, frame.time_base = self.sent * 90_000 // FPS, Fraction(1, 90_000)
        self.sent += 1
        return frame


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use our parts during the test, and let ICE use 127.0.0.1."""
    for module, name, _ in bad_networks.REPLACED:
        monkeypatch.setattr(module, name, getattr(module, name))  # restored afterwards
    bad_networks.install()
    monkeypatch.setattr(aioice.ice, "get_host_addresses", lambda *_, **__: ["127.0.0.1"])


def test_installing_twice_changes_nothing() -> None:
    before = rtcrtpreceiver.JitterBuffer  # type: ignore[attr-defined]
    bad_networks.install()
    assert rtcrtpreceiver.JitterBuffer is before  # type: ignore[attr-defined]
    sound = rtcrtpreceiver.JitterBuffer(capacity=16, prefetch=4)  # type: ignore[attr-defined]
    assert sound.capacity == 16


def lose(monkeypatch: pytest.MonkeyPatch, share: float) -> None:
    """Lose packets of all kinds, in both directions."""
    rng, send = random.Random(1), RTCDtlsTransport._send_rtp

    async def unreliable(transport: RTCDtlsTransport, data: bytes) -> None:
        if rng.random() >= share:
            await send(transport, data)

    monkeypatch.setattr(RTCDtlsTransport, "_send_rtp", unreliable)


async def stream(frames: int) -> tuple[int, list[float]]:
    """Stream from one peer to the other; returns frames sent, and brightness of those received."""
    sender, receiver = RTCPeerConnection(), RTCPeerConnection()
    source = Numbered()
    arrived: asyncio.Future[MediaStreamTrack] = asyncio.get_running_loop().create_future()
    receiver.on("track", arrived.set_result)
    sender.addTrack(source)
    try:
        await sender.setLocalDescription(await sender.createOffer())
        await receiver.setRemoteDescription(sender.localDescription)
        await receiver.setLocalDescription(await receiver.createAnswer())
        await sender.setRemoteDescription(receiver.localDescription)
        track = await asyncio.wait_for(arrived, WAIT_S)
        grey: list[float] = []
        async with asyncio.timeout(WAIT_S):
            while len(grey) < frames:
                frame = await track.recv()
                assert isinstance(frame, VideoFrame)
                grey.append(float(frame.to_ndarray(format="gray").mean()))
        return source.sent, grey
    finally:
        await sender.close()
        await receiver.close()


def test_a_tenth_of_all_packets_lost_costs_hardly_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    lose(monkeypatch, 0.1)
    sent, grey = asyncio.run(stream(90))
    assert sent < 90 * 1.5 + FPS
    assert all(later > earlier - ROUGH for earlier, later in pairwise(grey))


def test_the_last_packet_of_each_frame_is_repeated_where_packets_are_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without it, a frame whose last packet is lost arrives together with the next frame."""
    lose(monkeypatch, 0.1)
    repeated: list[int] = []
    retransmit = PacedSender._retransmit

    async def record(sender: PacedSender, sequence_number: int) -> None:
        repeated.append(sequence_number)
        await retransmit(sender, sequence_number)

    monkeypatch.setattr(PacedSender, "_retransmit", record)
    monkeypatch.setattr(
        rtcrtpreceiver.NackGenerator,  # type: ignore[attr-defined]
        "add",
        lambda *_: False,  # nothing is asked for
    )
    asyncio.run(stream(120))
    assert len(set(repeated)) > 20


def pli(sender: PacedSender) -> rtp.RtcpPsfbPacket:
    return rtp.RtcpPsfbPacket(fmt=rtp.RTCP_PSFB_PLI, ssrc=1, media_ssrc=sender._ssrc)


def test_many_requests_for_key_frames_are_answered_by_few(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    monkeypatch.setattr(
        "aiortc.rtcrtpsender.RTCRtpSender._send_keyframe", lambda self: made.append(self)
    )

    async def scenario() -> None:
        peer = RTCPeerConnection()
        sender = peer.addTrack(Numbered())
        assert isinstance(sender, PacedSender)
        for _ in range(20):
            await sender._handle_rtcp_packet(pli(sender))
        await asyncio.sleep(0.01)
        assert len(made) == 1  # at once
        for _ in range(20):
            await sender._handle_rtcp_packet(pli(sender))
        await asyncio.sleep(MIN_KEY_FRAME_INTERVAL_S + 0.1)
        assert len(made) == 2
        await peer.close()

    asyncio.run(scenario())


def test_the_peer_connection_uses_the_paced_sender() -> None:
    assert rtcpeerconnection.RTCRtpSender is PacedSender  # type: ignore[attr-defined]
