"""The MP4 file of a live recording: pictures and sounds at the times at which they arrived."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from av import AudioFrame, VideoFrame

from realtime.media.frames import to_bgr, to_video

CLOCK = Fraction(1, 90_000)
SOUND_RATE = 48_000
# Sounds follow the microphone's own clock unless it is further than this from the server's.
LARGEST_DRIFT_S = 1.0
_SECOND_OF_SILENCE = np.zeros((2, SOUND_RATE), np.float32)


class RecordingFile:
    """H.264 and, on request, AAC; times count from the first picture.

    Args:
        path: where it goes; it is complete only after `close`.
        sound: whether there is to be a sound track.

    Attributes:
        size_bytes: what was written so far.

    Raises:
        av.error.FFmpegError: from any method, where the file cannot be written.
        OSError: likewise.
    """

    def __init__(self, path: Path, *, sound: bool) -> None:
        self.size_bytes = 0
        self._container = av.open(str(path), "w", format="mp4")
        self._with_sound = sound
        self._video: av.VideoStream | None = None
        self._audio: av.AudioStream | None = None
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=SOUND_RATE)
        self._start_s = 0.0
        self._last_pts = -1
        self._samples = 0  # of sound, written so far
        self._anchor: int | None = None  # the microphone's clock when the file began

    def see(self, frame: VideoFrame, time_s: float) -> None:
        """Add a picture; the first one sets the size. The frame itself is left as it is."""
        if self._video is None:
            self._start(frame, time_s)
        assert self._video is not None
        picture = _fitted(frame, self._video.width, self._video.height)
        self._last_pts = max(round((time_s - self._start_s) / CLOCK), self._last_pts + 1)
        picture.pts, picture.time_base = self._last_pts, CLOCK
        self._mux(self._video.encode(picture))

    def hear(self, frame: AudioFrame, time_s: float) -> None:
        """Add a sound that had arrived by that time; what came before all pictures is left out."""
        if self._audio is None:
            return
        arrived = round((time_s - self._start_s) * SOUND_RATE)
        clock = None
        if frame.pts is not None and frame.time_base is not None:
            clock = round(frame.pts * frame.time_base * SOUND_RATE)
        for part in self._resampler.resample(frame):
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
        self._video.width, self._video.height = frame.width // 2 * 2, frame.height // 2 * 2
        self._video.pix_fmt = "yuv420p"
        self._video.codec_context.time_base = CLOCK
        self._video.codec_context.thread_count = 1  # one keeps up with a camera
        self._video.options = {"crf": "21", "preset": "veryfast"}
        if self._with_sound:
            self._audio = self._container.add_stream("aac", rate=SOUND_RATE, layout="stereo")

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        self.size_bytes += sum(packet.size for packet in packets)
        self._container.mux(packets)

    def _position(self, part: AudioFrame, arrived: int, clock: int | None) -> int:
        """Where a sound belongs, in samples from the start; it arrives when it has ended."""
        by_arrival = arrived - part.samples
        if clock is None:
            return by_arrival
        drift = by_arrival - clock
        if self._anchor is None or abs(drift - self._anchor) > LARGEST_DRIFT_S * SOUND_RATE:
            self._anchor = drift
        return clock + self._anchor

    def _place(self, part: AudioFrame, position: int) -> None:
        if position + part.samples // 2 < self._samples:
            return  # from before the first picture, or heard already
        while (gap := position - self._samples) > part.samples // 2:
            quiet = np.ascontiguousarray(_SECOND_OF_SILENCE[:, :gap])
            silence = AudioFrame.from_ndarray(quiet, format="fltp", layout="stereo")
            silence.sample_rate = SOUND_RATE
            self._encode(silence)
        self._encode(part)

    def _encode(self, part: AudioFrame) -> None:
        assert self._audio is not None
        part.pts, part.time_base = self._samples, Fraction(1, SOUND_RATE)
        self._samples += part.samples
        self._mux(self._audio.encode(part))


def _fitted(frame: VideoFrame, width: int, height: int) -> VideoFrame:
    """A copy in the file's size, with black bars where a phone was turned meanwhile."""
    if (frame.width, frame.height, frame.format.name) == (width, height, "yuv420p"):
        return VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
    picture = to_bgr(frame, mirror=False)
    scale = min(width / frame.width, height / frame.height)
    inner_w, inner_h = round(frame.width * scale), round(frame.height * scale)
    small = cv2.resize(picture, (inner_w, inner_h), interpolation=cv2.INTER_AREA)
    left, top = (width - inner_w) // 2, (height - inner_h) // 2
    bars = (top, height - inner_h - top, left, width - inner_w - left)
    framed = cv2.copyMakeBorder(small, *bars, cv2.BORDER_CONSTANT)
    return to_video(np.asarray(framed, np.uint8))
