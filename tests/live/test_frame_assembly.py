"""Frames leave the assembly when they are complete, in order and without gaps."""

from __future__ import annotations

import pytest
from aiortc.codecs import get_decoder
from aiortc.codecs.vpx import Vp8Encoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from aiortc.rtp import RtpPacket
from av import VideoFrame

from realtime.live.frame_assembly import (
    CAPACITY,
    MAX_GAP_S,
    REPEAT_S,
    FrameAssembly,
    FrameGroup,
    GroupDecoder,
    group_decoder,
)

KEY = b"\x10\x00\x00\x9d\x01\x2a"  # start of a VP8 key frame
H264_KEY = b"\x00\x00\x00\x01\x67"
FRAME_STEP = 3000  # 90 kHz


class Sender:
    """Makes packets; each frame is one or more of them."""

    def __init__(self, seq: int = 65533) -> None:
        self.seq, self.timestamp = seq, 2**32 - FRAME_STEP  # both wrap

    def frame(self, *payloads: bytes) -> list[RtpPacket]:
        packets = []
        for i, data in enumerate(payloads):
            packet = RtpPacket(
                sequence_number=self.seq % 65536,
                timestamp=self.timestamp % 2**32,
                marker=int(i == len(payloads) - 1),
            )
            packet._data = data  # type: ignore[attr-defined]
            packets.append(packet)
            self.seq += 1
        self.timestamp += FRAME_STEP
        return packets


class Receiver:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.assembly = FrameAssembly(lambda: self.now_s)
        self.pli = 0

    def receive(self, *packets: RtpPacket) -> list[bytes]:
        """Add packets; returns the frames that became complete."""
        frames: list[bytes] = []
        for packet in packets:
            pli, frame = self.assembly.add(packet)
            self.pli += pli
            if isinstance(frame, FrameGroup):
                frames += [data for data, _ in frame.parts]
        return frames


@pytest.mark.parametrize("key", [KEY, H264_KEY])
def test_a_frame_is_complete_with_its_last_packet(key: bytes) -> None:
    sender, receiver = Sender(), Receiver()
    first, second = sender.frame(key, b"b"), sender.frame(b"c")
    assert receiver.receive(first[0]) == []
    assert receiver.receive(first[1]) == [key + b"b"]
    assert receiver.receive(*second) == [b"c"]


def test_packets_may_change_places_and_come_twice() -> None:
    sender, receiver = Sender(), Receiver()
    a, b = sender.frame(KEY, b"1", b"2"), sender.frame(b"3", b"4")
    assert receiver.receive(b[1], a[2], a[0], a[0], b[0]) == []
    assert receiver.receive(a[1]) == [KEY + b"12", b"34"]
    assert receiver.receive(*a, *b) == []
    assert receiver.pli == 0


def test_one_late_packet_releases_all_frames_behind_it_at_once() -> None:
    sender, receiver = Sender(), Receiver()
    receiver.receive(*sender.frame(KEY))
    late = sender.frame(b"late")
    waiting = [p for i in range(9) for p in sender.frame(b"%d" % i)]
    assert receiver.receive(*waiting) == []
    assert receiver.receive(*late) == [b"late", *(b"%d" % i for i in range(9))]
    assert receiver.receive(*sender.frame(b"next")) == [b"next"]  # no delay remains


def test_nothing_is_decoded_after_a_gap_until_a_key_frame() -> None:
    sender, receiver = Sender(), Receiver()
    receiver.receive(*sender.frame(KEY))
    sender.frame(b"lost")
    assert receiver.receive(*sender.frame(b"a"), *sender.frame(b"b")) == []
    assert receiver.pli == 0  # the lost packet may still come
    receiver.now_s += MAX_GAP_S
    assert receiver.receive(*sender.frame(b"c")) == []
    assert receiver.pli == 1
    receiver.now_s += REPEAT_S / 2
    receiver.receive(*sender.frame(b"d"))
    assert receiver.pli == 1
    receiver.now_s += REPEAT_S / 2
    receiver.receive(*sender.frame(b"e"))
    assert receiver.pli == 2  # the first request may be lost too
    assert receiver.receive(*sender.frame(KEY, b"new"), *sender.frame(b"f")) == [KEY + b"new", b"f"]


def test_a_large_frame_that_arrives_slowly_is_no_gap() -> None:
    sender, receiver = Sender(), Receiver()
    receiver.receive(*sender.frame(KEY))
    for packet in sender.frame(*[b"x"] * 20):
        receiver.now_s += MAX_GAP_S / 2
        receiver.receive(packet)
    assert receiver.pli == 0


def test_packets_without_content_are_no_frames() -> None:
    sender, receiver = Sender(), Receiver()
    assert receiver.receive(*sender.frame(KEY), *sender.frame(b""), *sender.frame(b"a")) == [
        KEY,
        b"a",
    ]


def test_a_stream_that_starts_anew_or_without_key_frame_is_bounded_and_recovers() -> None:
    sender, receiver = Sender(), Receiver()
    for _ in range(3 * CAPACITY):
        receiver.now_s += 0.01
        assert receiver.receive(*sender.frame(b"x")) == []
        assert len(receiver.assembly._held) <= CAPACITY
    assert receiver.pli > 0
    assert receiver.receive(*sender.frame(KEY)) == [KEY]
    other = Sender(seq=20_000)
    assert receiver.receive(*other.frame(b"x"), *other.frame(KEY)) == [KEY]


def test_packets_that_all_begin_a_key_frame_cost_little() -> None:
    sender, receiver = Sender(), Receiver()
    steps = 0
    run = receiver.assembly._run

    def counted(start: int) -> list[RtpPacket]:
        nonlocal steps
        found = run(start)
        steps += len(found)
        return found

    receiver.assembly._run = counted  # type: ignore[method-assign]
    receiver.receive(*sender.frame(*[KEY] * CAPACITY)[:-1])
    assert steps < 10 * CAPACITY**2 // 2


def test_a_group_decodes_into_all_its_frames() -> None:
    codec = RTCRtpCodecParameters(mimeType="video/VP8", clockRate=90000, payloadType=97)
    frames = [(encoded(i), i * FRAME_STEP) for i in range(3)]
    group = FrameGroup([(data, at + 2**32 - FRAME_STEP) for data, at in frames])
    group.timestamp = 700  # as aiortc numbers it
    decoded = group_decoder(codec).decode(group)
    assert [frame.pts for frame in decoded] == [700, 700 + FRAME_STEP, 700 + 2 * FRAME_STEP]
    single = GroupDecoder(get_decoder(codec)).decode(JitterFrame(frames[0][0], 5))
    assert [frame.pts for frame in single] == [5]


def encoded(number: int) -> bytes:
    """A VP8 key frame."""
    frame = VideoFrame(64, 48, "yuv420p")
    for plane in frame.planes:
        plane.update(bytes([40 * number]) * plane.buffer_size)
    encoder = Vp8Encoder()
    frame.pts, frame.time_base = 0, VIDEO_TIME_BASE
    payloads, _ = encoder.encode(frame, force_keyframe=True)
    return b"".join(map(vp8_depayload, payloads))
