"""aiortc's video encoders for networks of any speed: low bit rates, few and small key frames."""

from __future__ import annotations

import multiprocessing

import av
from aiortc.codecs import get_encoder, h264, vpx
from aiortc.codecs.base import Encoder
from aiortc.mediastreams import VIDEO_CLOCK_RATE, VIDEO_TIME_BASE, convert_timebase
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.frame import Frame
from av.video.codeccontext import VideoCodecContext

from realtime.live.bitrate import BitrateLimits, SteadyBitrate

VP8_LIMITS = BitrateLimits(start_bps=vpx.DEFAULT_BITRATE, max_bps=vpx.MAX_BITRATE)
H264_LIMITS = BitrateLimits(start_bps=h264.DEFAULT_BITRATE, max_bps=h264.MAX_BITRATE)
MIN_BPS_PER_PIXEL = 0.6  # below that, a picture of half the size looks better: 640x480, 184 kbit/s
BUFFER_S = 0.5  # how far the encoder may run ahead of its bit rate
# An encoder makes frames larger the rarer they are. If frames are skipped because the network is
# slow, that would only lead to more being skipped.
MAX_INTERVAL_S = 1 / 20
MAX_INTRA_PERCENT = 900  # largest key frame, in frames of average size


class AdaptiveVp8Encoder(vpx.Vp8Encoder):
    """VP8 whose bit rate changes seldom; below `MIN_BPS_PER_PIXEL` the picture shrinks to half."""

    def __init__(self) -> None:
        super().__init__()
        self._bitrate = SteadyBitrate(VP8_LIMITS)
        self._halved = False
        self._last_pts = self._codec_pts = 0

    @property
    def target_bitrate(self) -> int:
        """The bit rate to encode with, bits per second; setting it follows in steps."""
        return self._bitrate.bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._bitrate.follow(bitrate)

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """Encode one frame; returns the payloads of its packets and its time stamp."""
        assert isinstance(frame, av.VideoFrame)
        bps = self._bitrate.bps
        changed = self.codec is None or self.codec.bit_rate != bps
        if changed:
            self._halved = bps < MIN_BPS_PER_PIXEL * frame.width * frame.height
        width, height = frame.width, frame.height
        if self._halved:
            width, height = width // 4 * 2, height // 4 * 2
        if (
            changed
            or self.codec is None
            or (self.codec.width, self.codec.height) != (width, height)
        ):
            self.codec = _open_vp8(width, height, bps)
        pts, time_base = frame.pts, frame.time_base
        assert pts is not None
        assert time_base is not None
        timestamp = convert_timebase(pts, time_base, VIDEO_TIME_BASE)
        ours = frame.reformat(width=width, height=height, format="yuv420p")
        ours.pts, ours.time_base = self._next_codec_pts(timestamp), VIDEO_TIME_BASE
        payloads, _ = super().encode(ours, force_keyframe)
        frame.pts, frame.time_base = pts, time_base  # `ours` may be the same frame
        return payloads, timestamp

    def _next_codec_pts(self, timestamp: int) -> int:
        """Time stamp for the codec: as the frame's, but without long gaps."""
        step = min(timestamp - self._last_pts, round(MAX_INTERVAL_S * VIDEO_CLOCK_RATE))
        self._codec_pts += max(1, step)
        self._last_pts = timestamp
        return self._codec_pts


class AdaptiveH264Encoder(h264.H264Encoder):
    """H.264 whose bit rate changes seldom and can be low."""

    def __init__(self) -> None:
        super().__init__()
        self._bitrate = SteadyBitrate(H264_LIMITS)

    @property
    def target_bitrate(self) -> int:
        """The bit rate to encode with, bits per second; setting it follows in steps."""
        return self._bitrate.bps

    @target_bitrate.setter
    def target_bitrate(self, bitrate: int) -> None:
        self._bitrate.follow(bitrate)


def adaptive_encoder(codec: RTCRtpCodecParameters) -> Encoder:
    """Create the encoder of a codec; those of sound are aiortc's."""
    adaptive = {"video/vp8": AdaptiveVp8Encoder, "video/h264": AdaptiveH264Encoder}
    make = adaptive.get(codec.mimeType.lower())
    return get_encoder(codec) if make is None else make()


def _open_vp8(width: int, height: int, bps: int) -> VideoCodecContext:
    """Open libvpx with aiortc's settings and a shorter buffer, which bounds key frames."""
    codec = av.CodecContext.create("libvpx", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.bit_rate, codec.time_base = bps, VIDEO_TIME_BASE
    codec.gop_size = 3000
    codec.qmin, codec.qmax = 2, 60
    codec.options = {
        "bufsize": str(round(bps * BUFFER_S)),
        "cpu-used": "-6",
        "deadline": "realtime",
        "lag-in-frames": "0",
        "max-intra-rate": str(MAX_INTRA_PERCENT),
        "minrate": str(bps),  # minrate = maxrate = bit rate: constant bit rate
        "maxrate": str(bps),
        "noise-sensitivity": "4",
        "overshoot-pct": "15",
        "partitions": "0",
        "static-thresh": "1",
        "undershoot-pct": "100",
    }
    codec.thread_count = vpx.number_of_threads(width * height, multiprocessing.cpu_count())
    return codec
