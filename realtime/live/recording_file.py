"""The MP4 file of a live recording, with frames and sound placed by their arrival times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import av
import cv2
import numpy as np
from av import AudioFrame, VideoFrame

from realtime.media.frames import to_bgr, to_video

TIME_BASE = Fraction(1, 90_000)  # seconds
SAMPLE_RATE_HZ = 48_000
ENCODER_OPTIONS = {"crf": "21", "preset": "veryfast"}
# Sound follows the microphone's clock as long as that stays within this of the server's clock.
MAX_DRIFT_S = 1.0
_SECOND_OF_SILENCE = np.zeros((2, SAMPLE_RATE_HZ), np.float32)


class RecordingFile:
    """Writes H.264 and optionally AAC; times are relative to the first frame.

    Args:
        target: path of the file, or a writable and seekable stream, which is left open; the file
            is complete only after `close`.
        sound: whether to add an audio stream.

    Attributes:
        size_bytes: encoded bytes written so far.

    Raises:
        av.error.FFmpegError: from any method, if the file cannot be written.
        OSError: as above.
    """

    def __init__(self, target: Path | BinaryIO, *, sound: bool) -> None:
        self.size_bytes = 0
        file = str(target) if isinstance(target, Path) else target
        self._container = av.open(file, "w", format="mp4")
        self._with_sound = sound
        self._video: av.VideoStream | None = None
        self._audio: av.AudioStream | None = None
        self._resampler = _resampler()
        self._sound_kind: tuple[str, str, int] | None = None  # format, layout and rate
        self._start_s = 0.0
        self._last_pts = -1
        self._samples = 0  # of sound, written so far
        self._offset: int | None = None  # from the microphone's clock to the file's, in samples

    def add_frame(self, frame: VideoFrame, time_s: float) -> None:
        """Write a frame, which is not modified; the first one sets the size."""
        if self._video is None:
            self._start(frame, time_s)
        assert self._video is not None
        picture = _fit(frame, self._video.width, self._video.height)
        self._last_pts = max(round((time_s - self._start_s) / TIME_BASE), self._last_pts + 1)
        picture.pts, picture.time_base = self._last_pts, TIME_BASE
        self._mux(self._video.encode(picture))

    def add_sound(self, frame: AudioFrame, time_s: float) -> None:
        """Write an audio frame that arrived at `time_s`; sound before all frames is skipped."""
        if self._audio is None:
            return
        arrived = round((time_s - self._start_s) * SAMPLE_RATE_HZ)
        clock = None
        if frame.pts is not None and frame.time_base is not None:
            clock = round(frame.pts * frame.time_base * SAMPLE_RATE_HZ)
        for part in self._resampled(frame):
            self._place(part, self._position(part, arrived, clock))

    def close(self) -> None:
        """Finish the file."""
        try:
            if self._video is not None:
                self._mux(self._video.encode())
            if self._audio is not None:
                self._mux(self._audio.encode())
        finally:
            self._container.close()

    def _start(self, frame: VideoFrame, time_s: float) -> None:
        self._start_s = time_s
        self._video = self._container.add_stream("libx264", rate=30)
        self._video.width, self._video.height = (
            max(2, side // 2 * 2) for side in (frame.width, frame.height)
        )
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = TIME_BASE
        self._video.codec_context.thread_count = 1  # one thread keeps up with a camera
        self._video.options = dict(ENCODER_OPTIONS)
        if self._with_sound:
            self._audio = self._container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="stereo")

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        self.size_bytes += sum(packet.size for packet in packets)
        self._container.mux(packets)

    def _resampled(self, frame: AudioFrame) -> list[AudioFrame]:
        kind = (frame.format.name, frame.layout.name, frame.sample_rate)
        if kind != self._sound_kind:  # browsers may change to a codec with another rate
            self._sound_kind, self._resampler = kind, _resampler()
        return self._resampler.resample(frame)

    def _position(self, part: AudioFrame, arrived: int, clock: int | None) -> int:
        """Start of a sound in samples from the start of the file; it arrives when it has ended."""
        by_arrival = arrived - part.samples
        if clock is None:
            return by_arrival
        offset = by_arrival - clock
        if self._offset is None or abs(offset - self._offset) > MAX_DRIFT_S * SAMPLE_RATE_HZ:
            self._offset = offset
        return clock + self._offset

    def _place(self, part: AudioFrame, position: int) -> None:
        if position + part.samples // 2 < self._samples:
            return  # before the first frame, or written already
        while (gap := position - self._samples) > part.samples // 2:
            samples = np.ascontiguousarray(_SECOND_OF_SILENCE[:, :gap])
            silence = AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
            silence.sample_rate = SAMPLE_RATE_HZ
            self._encode(silence)
        self._encode(part)

    def _encode(self, part: AudioFrame) -> None:
        assert self._audio is not None
        part.pts, part.time_base = self._samples, Fraction(1, SAMPLE_RATE_HZ)
        self._samples += part.samples
        self._mux(self._audio.encode(part))


def _resampler() -> av.AudioResampler:
    return av.AudioResampler(format="fltp", layout="stereo", rate=SAMPLE_RATE_HZ)


def _fit(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """Copy a frame to the file's size, with black bars if a phone was rotated meanwhile."""
    if (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p"):
        return VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
    picture = to_bgr(frame, mirror=False)
    scale = min(width / frame.width, height / frame.height)
    inner_w, inner_h = (max(1, round(side * scale)) for side in (frame.width, frame.height))
    small = cv2.resize(picture, (inner_w, inner_h), interpolation=cv2.INTER_AREA)
    left, top = (width - inner_w) // 2, (height - inner_h) // 2
    bars = (top, height - inner_h - top, left, width - inner_w - left)
    framed = cv2.copyMakeBorder(small, *bars, cv2.BORDER_CONSTANT)
    return to_video(np.asarray(framed, np.uint8))
