"""Short videos with a test tone, in the formats of phones, browsers and cameras."""

from __future__ import annotations

import io
from fractions import Fraction

import av
import numpy as np

from realtime.core.faces import Frame

RATE = 10
TONE_HZ = 440


def make_clip(
    frames: list[Frame],
    kind: str = "mp4",
    *,
    video: str = "libx264",
    sound: str | None = "aac",
    cover: bool = False,
) -> bytes:
    """Encode frames at 10 fps, with a tone of the same duration.

    Args:
        frames: at least one, all of the same size with even sides.
        kind: FFmpeg's name of the container format.
        video: FFmpeg's name of the video encoder.
        sound: FFmpeg's name of the audio encoder; None for no sound.
        cover: whether to mark the frames as cover art of the sound.
    """
    out = io.BytesIO()
    with av.open(out, "w", format=kind) as file:
        stream = file.add_stream(video, rate=RATE)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuvj420p" if video == "mjpeg" else "yuv420p"
        if cover:
            stream.disposition = av.stream.Disposition.attached_pic
        tone = file.add_stream(sound, rate=48_000, layout="stereo") if sound else None
        for i, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, format="bgr24")
            picture.pts, picture.time_base = i, Fraction(1, RATE)
            file.mux(stream.encode(picture))
        file.mux(stream.encode())
        if tone is not None:
            for part in _tone(len(frames) / RATE):
                file.mux(tone.encode(part))
            file.mux(tone.encode())
    return out.getvalue()


def _tone(seconds: float) -> list[av.AudioFrame]:
    wave = 0.3 * np.sin(2 * np.pi * TONE_HZ * np.arange(int(48_000 * seconds)) / 48_000)
    parts = []
    for start in range(0, len(wave), 960):
        both = np.tile(wave[start : start + 960].astype(np.float32), (2, 1))
        part = av.AudioFrame.from_ndarray(both, "fltp", "stereo")
        part.sample_rate, part.pts, part.time_base = 48_000, start, Fraction(1, 48_000)
        parts.append(part)
    return parts


def rotated(mp4: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """Set the rotation matrix of an MP4's first track, as phones held upright do."""
    data = bytearray(mp4)
    start = data.index(b"tkhd") + 4 + 40  # version 0: the matrix follows 40 bytes of fields
    a, b, c, d = (value * 65536 for value in matrix)
    values = (a, b, 0, c, d, 0, 0, 0, 0x40000000)
    data[start : start + 36] = b"".join(v.to_bytes(4, "big", signed=True) for v in values)
    return bytes(data)


def heard(mp4: bytes) -> tuple[str, float, float]:
    """Codec, duration in seconds and loudest frequency in Hz of a video's sound."""
    with av.open(io.BytesIO(mp4)) as file:
        name = file.streams.audio[0].codec_context.name
        frames = list(file.decode(audio=0))
    wave = np.concatenate([frame.to_ndarray()[0] for frame in frames])
    rate = frames[0].sample_rate
    spectrum = np.abs(np.fft.rfft(wave))
    return name, len(wave) / rate, float(np.argmax(spectrum)) * rate / len(wave)


def shown(mp4: bytes) -> tuple[str, tuple[int, int], list[float], float]:
    """Codec, size, frame times and stated duration in seconds of a video stream."""
    with av.open(io.BytesIO(mp4)) as file:
        stream = file.streams.video[0]
        assert stream.duration is not None
        assert stream.time_base is not None
        seconds = float(stream.duration * stream.time_base)
        times = [float(frame.time or 0.0) for frame in file.decode(stream)]
        size = (stream.width, stream.height)
        return stream.codec_context.name, size, times, seconds
