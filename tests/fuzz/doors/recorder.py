"""What a browser streams into a recording: frames and sound of any size, format and clock.

An input is a list of steps of 8 bytes; see `_frame` and `_sound`. Frames are small, pauses short
and the encoder fast: what is tested is what is between them.
"""

from __future__ import annotations

import io
from fractions import Fraction
from unittest.mock import patch

import av
from av import AudioFrame, VideoFrame

from realtime.live import recording_file
from realtime.live.recording_file import RecordingFile
from tests.fuzz.door import Door

STEP_BYTES, MAX_STEPS = 8, 12
MAX_SIDE_PX = 63
PAUSE, PAUSE_S = 255, 2.5  # the step that waits so long, for silence to be filled in
FAST = {"crf": "51", "preset": "ultrafast"}
PIXELS = ("yuv420p", "bgr24", "rgb24", "yuvj420p", "nv12")
SAMPLES = (("s16", "stereo"), ("s16", "mono"), ("fltp", "stereo"), ("s16p", "5.1"))
RATES_HZ = (48_000, 8000, 44_100, 96_000)
MAX_SAMPLES = 5760  # of a frame of Opus


def enter(data: bytes) -> None:
    """Write a recording; one of at least one frame can be played."""
    with patch.object(recording_file, "ENCODER_OPTIONS", FAST):
        out, frames = _record(data)
    if frames:
        out.seek(0)
        try:
            _play(out)
        except av.error.FFmpegError as error:  # which is allowed in writing only
            raise AssertionError(f"the recording cannot be played: {error}") from error


def _play(file: io.BytesIO) -> None:
    with av.open(file, "r") as recording:
        stream = recording.streams.video[0]
        stream.codec_context.thread_count = 1  # starting more takes longer than decoding
        assert next(recording.decode(stream)).width > 0


def _record(data: bytes) -> tuple[io.BytesIO, int]:
    """The file, and how many frames were written to it."""
    out, frames, time_s = io.BytesIO(), 0, 0.0
    file = RecordingFile(out, sound=data[:1] != b"\1")
    try:
        for start in range(0, min(len(data), STEP_BYTES * MAX_STEPS), STEP_BYTES):
            step = data[start : start + STEP_BYTES].ljust(STEP_BYTES, b"\0")
            time_s += PAUSE_S if step[1] == PAUSE else step[1] / 1000
            if step[0] % 3 == 0:
                file.add_sound(_sound(step), time_s)
            else:
                file.add_frame(_frame(step), time_s)
                frames += 1
    finally:
        file.close()
    return out, frames


def _frame(step: bytes) -> VideoFrame:
    """Kind, milliseconds, width, height, pixel format, clock."""
    width, height = (max(1, side & MAX_SIDE_PX) for side in step[2:4])
    frame = VideoFrame(width, height, PIXELS[step[4] % len(PIXELS)])
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.pts, frame.time_base = int.from_bytes(step[5:], "big"), Fraction(1, 90_000)
    return frame


def _sound(step: bytes) -> AudioFrame:
    """Kind, milliseconds, length, format and rate, clock: the sender's, so anything."""
    kind, layout = SAMPLES[step[3] % len(SAMPLES)]
    frame = AudioFrame(kind, layout, max(1, step[2] * MAX_SAMPLES // 255))
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate = RATES_HZ[step[3] // 16 % len(RATES_HZ)]
    clock = int.from_bytes(step[4:], "big", signed=True)
    frame.pts = None if clock == -1 else clock << (step[3] // 4 % 4 * 8)
    frame.time_base = Fraction(1, frame.sample_rate)
    return frame


DOOR = Door(enter=enter, allowed=(av.error.FFmpegError, OSError))
