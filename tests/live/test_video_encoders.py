"""Encoders follow the network's bit rate with few and small key frames."""

from __future__ import annotations

import numpy as np
import pytest
from aiortc.codecs.opus import OpusEncoder
from aiortc.codecs.vpx import Vp8Decoder, vp8_depayload
from aiortc.jitterbuffer import JitterFrame
from aiortc.mediastreams import VIDEO_TIME_BASE
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import VideoFrame

from realtime.live.bitrate import MIN_BPS
from realtime.live.video_encoders import (
    AdaptiveH264Encoder,
    AdaptiveVp8Encoder,
    adaptive_encoder,
)

WIDTH, HEIGHT, FPS = 640, 480, 30
STEP = 90_000 // FPS


def camera(count: int, fps: int = FPS) -> list[VideoFrame]:
    """A picture with some detail that moves."""
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT // 8, WIDTH // 8, 3), np.uint8)
    picture = np.kron(noise, np.ones((8, 8, 1), np.uint8))
    frames = []
    for i in range(count):
        frame = VideoFrame.from_ndarray(np.roll(picture, 2 * i, axis=1), format="bgr24")
        frame.pts, frame.time_base = i * 90_000 // fps, VIDEO_TIME_BASE
        frames.append(frame)
    return frames


def encode(encoder: AdaptiveVp8Encoder, frames: list[VideoFrame]) -> list[bytes]:
    encoded = []
    for frame in frames:
        payloads, timestamp = encoder.encode(frame)
        assert timestamp == frame.pts
        encoded.append(b"".join(map(vp8_depayload, payloads)))
    return encoded


def is_key(data: bytes) -> bool:
    return data[0] & 1 == 0


def test_reports_that_vary_cause_no_key_frames() -> None:
    encoder = AdaptiveVp8Encoder()
    keys = 0
    for i, frame in enumerate(camera(40)):
        encoder.target_bitrate = (460_000, 560_000)[i % 2]
        (data,) = encode(encoder, [frame])
        keys += is_key(data)
    assert keys == 1  # the first


def test_at_a_low_bit_rate_the_picture_shrinks_and_key_frames_stay_small() -> None:
    encoder = AdaptiveVp8Encoder()
    encoder.target_bitrate = 0
    assert encoder.target_bitrate == MIN_BPS
    data = encode(encoder, camera(10))
    (picture,) = Vp8Decoder().decode(JitterFrame(data[0], 0))
    assert isinstance(picture, VideoFrame)
    assert (picture.width, picture.height) == (WIDTH // 2, HEIGHT // 2)
    assert len(data[0]) * 8 < MIN_BPS  # sent within a second


def test_the_picture_has_its_full_size_again_once_the_network_can_take_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("realtime.live.bitrate.INCREASE_AFTER_S", 0.0)
    encoder, decoder = AdaptiveVp8Encoder(), Vp8Decoder()
    first, second = camera(2)
    encoder.target_bitrate = 0
    encode(encoder, [first])
    encoder.target_bitrate = 1_000_000
    (data,) = encode(encoder, [second])
    assert is_key(data)
    (picture,) = decoder.decode(JitterFrame(data, 0))
    assert isinstance(picture, VideoFrame)
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)


def test_skipped_frames_do_not_make_the_others_larger() -> None:
    sizes = {}
    for fps in (20, 5):
        data = encode(AdaptiveVp8Encoder(), camera(40, fps=fps))
        sizes[fps] = sum(map(len, data[10:]))
    assert sizes[5] < 1.5 * sizes[20]


def test_the_source_frame_is_left_as_it_was() -> None:
    frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
    frame.pts, frame.time_base = 123_456, VIDEO_TIME_BASE
    encode(AdaptiveVp8Encoder(), [frame])
    assert (frame.pts, frame.time_base) == (123_456, VIDEO_TIME_BASE)


@pytest.mark.parametrize(
    ("mime_type", "kind"),
    [
        ("video/VP8", AdaptiveVp8Encoder),
        ("video/H264", AdaptiveH264Encoder),
        ("audio/opus", OpusEncoder),
    ],
)
def test_each_codec_has_its_encoder(mime_type: str, kind: type) -> None:
    codec = RTCRtpCodecParameters(mimeType=mime_type, clockRate=90000, payloadType=97)
    assert type(adaptive_encoder(codec)) is kind


def test_h264_follows_low_bit_rates_too() -> None:
    encoder = AdaptiveH264Encoder()
    encoder.target_bitrate = 200_000
    payloads, _ = encoder.encode(camera(1)[0])
    assert payloads
    assert encoder.codec is not None
    assert encoder.codec.bit_rate == 200_000
