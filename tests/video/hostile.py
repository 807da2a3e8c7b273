"""Small files that ask for much: silence for hours, very many or very large frames."""

from __future__ import annotations

import io
import struct
from fractions import Fraction
from typing import Any

import av
import numpy as np

SOUND_RATE_HZ = 8000


def gray(width: int = 64, height: int = 64, value: int = 100) -> av.VideoFrame:
    return av.VideoFrame.from_ndarray(np.full((height, width, 3), value, np.uint8), format="bgr24")


def with_long_sound(seconds: float, kind: str = "matroska", sound: str = "flac") -> bytes:
    """A picture of 0.3 s with silence that lasts longer."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        video = file.add_stream("libx264", rate=10)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        audio = file.add_stream(sound, rate=SOUND_RATE_HZ, layout="mono")
        for i in range(3):
            file.mux(video.encode(_at(gray(), i, 10)))
        file.mux(video.encode())
        kind_of_sample = audio.codec_context.format.name if audio.codec_context.format else "s16"
        dtype = np.float32 if kind_of_sample.startswith("flt") else np.int16
        for start in range(0, int(seconds * SOUND_RATE_HZ), SOUND_RATE_HZ):
            silence = np.zeros((1, SOUND_RATE_HZ), dtype)
            part = av.AudioFrame.from_ndarray(silence, kind_of_sample, "mono")
            part.sample_rate = SOUND_RATE_HZ
            file.mux(audio.encode(_at(part, start, SOUND_RATE_HZ)))
        file.mux(audio.encode())
    return out.getvalue()


def with_many_frames(frames: int, rate: int = 60) -> bytes:
    """Frames that differ in nothing, about 15 bytes each."""
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        video = file.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        frame = gray(32, 32)
        for i in range(frames):
            file.mux(video.encode(_at(frame, i, rate)))
        file.mux(video.encode())
    return out.getvalue()


def with_changing_size(
    codec: str, sizes_wh: list[tuple[int, int]], options: dict[str, str] | None = None
) -> bytes:
    """A frame of each size; the file states the first."""
    encoded = [_one_frame(codec, *size_wh, options or {}) for size_wh in sizes_wh]
    out = io.BytesIO()
    with av.open(out, "w", format="matroska") as file:
        video = file.add_stream(codec, rate=10)
        video.width, video.height = sizes_wh[0]
        video.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        video.codec_context.options = options or {}
        file.start_encoding()
        for i, data in enumerate(encoded):
            packet = av.Packet(data)
            packet.pts = packet.dts = i
            packet.duration, packet.time_base, packet.is_keyframe = 1, Fraction(1, 10), True
            packet.stream = video
            file.mux(packet)
    return out.getvalue()


def with_irregular_frames(
    times_s: list[float], last_s: float, kind: str = "mp4", *, b_frames: int = 0
) -> bytes:
    """Frames at these times, the last one shown for `last_s` seconds."""
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        options = {"bf": str(b_frames)} if kind != "webm" else {}
        video = file.add_stream("libvpx" if kind == "webm" else "libx264", rate=10, options=options)
        video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        video.codec_context.time_base = Fraction(1, 1000)
        packets: list[Any] = []
        for i, time_s in enumerate(times_s):
            packets += video.encode(_at(gray(value=60 + 8 * i), round(time_s * 1000), 1000))
        packets += video.encode()
        for packet in packets:
            if packet.pts == max(p.pts for p in packets):
                packet.duration = round(last_s * 1000)
        file.mux(packets)
    return out.getvalue()


def _at(frame: Any, pts: int, rate: int) -> Any:
    frame.pts, frame.time_base = pts, Fraction(1, rate)
    return frame


def _one_frame(codec: str, width: int, height: int, options: dict[str, str]) -> bytes:
    context: Any = av.CodecContext.create(codec, "w")
    context.width, context.height = width, height
    context.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    context.time_base, context.framerate = Fraction(1, 10), 10
    context.options = options
    packets = context.encode(_at(gray(width, height), 0, 10)) + context.encode(None)
    return b"".join(bytes(packet) for packet in packets)


def with_claimed_samples(mp4: bytes, samples: int) -> bytes:
    """A silent MP4 whose tables state so many samples; the file stays as short as it is.

    Args:
        mp4: a file of one track and one chunk.
        samples: how many bytes, each a sample.
    """
    out = bytearray(mp4)
    for table, offset, values in (
        (b"stsz", 4, (1, samples)),  # each takes one byte, …
        (b"stts", 8, (samples,)),  # … has the same duration …
        (b"stsc", 4, (1, 1, samples, 1)),  # … and is in the first chunk
    ):
        start = mp4.index(table) + 4 + offset
        out[start : start + 4 * len(values)] = struct.pack(f">{len(values)}I", *values)
    return bytes(out)
