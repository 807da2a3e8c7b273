"""Writing of video files: H.264 in MP4, with the sound of another video."""

from __future__ import annotations

import errno
import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import av
import av.codec.context
import cv2
import numpy as np

from realtime.core.faces import Frame
from realtime.media.frames import to_video
from realtime.media.sound import SoundCopier
from realtime.media.video_file import VideoError
from realtime.media.video_reader import DEFAULT_RATE, VideoReader

TIME_BASE = Fraction(1, 90_000)  # seconds; fine enough for variable frame rates


class VideoWriter:
    """Writes an MP4 file, which appears under its name only once it is complete.

    Args:
        target: path of the file, or a readable and seekable stream, which is left open.
        rate: frames per second, a hint for players.
        sound_of: video whose first audio stream is copied.

    Attributes:
        size_bytes: encoded bytes of picture and sound written so far.

    Raises:
        VideoError: the file cannot be written.
    """

    def __init__(
        self,
        target: Path | BinaryIO,
        *,
        rate: Fraction = DEFAULT_RATE,
        sound_of: VideoReader | None = None,
    ) -> None:
        self._path = target if isinstance(target, Path) else None
        self._temporary = self._path and self._path.with_name(
            f".{self._path.stem}.{os.getpid()}.part"
        )
        self._rate = rate
        self.size_bytes = 0
        self._last_pts = -1
        self._end_s = 0.0  # of the last frame
        self._size_wh: tuple[int, int] | None = None
        try:
            self._container = av.open(
                str(self._temporary) if isinstance(target, Path) else target, "w", format="mp4"
            )
        except (av.error.FFmpegError, OSError) as error:
            raise self._unwritable(error) from error
        self._sound = None
        if sound_of is not None:
            self._sound = SoundCopier(sound_of, self._container, self._mux)

    def write(self, frame_bgr: Frame, time_s: float, duration_s: float | None = None) -> None:
        """Add a frame.

        Args:
            frame_bgr: (h, w, 3) uint8, of square pixels; the first frame sets the size, others are
                resized to it.
            time_s: seconds from the start of the video; must not decrease.
            duration_s: how long it is shown if it is the last; None for one period of `rate`.

        Raises:
            VideoError: the disk is full or the encoder fails.
        """
        try:
            if self._size_wh is None:
                self._start(frame_bgr)
            frame = to_video(_to_size(frame_bgr, self._size_wh))
            if duration_s is None:
                duration_s = 1 / float(self._rate)
            self._last_pts = max(round(time_s / TIME_BASE), self._last_pts + 1)
            self._end_s = time_s + duration_s
            frame.pts, frame.time_base = self._last_pts, TIME_BASE
            frame.duration = max(1, round(duration_s / TIME_BASE))
            self._mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until(time_s)
        except (av.error.FFmpegError, OSError) as error:
            raise self._unwritable(error) from error

    def close(self, *, keep: bool = True) -> None:
        """Finish the file.

        Args:
            keep: whether to keep it; False removes it.

        Raises:
            VideoError: the rest of the file cannot be written.
        """
        keep = keep and self._size_wh is not None
        try:
            try:
                if keep:
                    self._finish()
            finally:
                if self._sound is not None:
                    self._sound.close()
                    # It refers to this writer: both would wait for the garbage collector.
                    self._sound = None
                self._container.close()
            if keep and self._path is not None and self._temporary is not None:
                os.replace(self._temporary, self._path)
        except (av.error.FFmpegError, OSError) as error:
            if keep:
                raise self._unwritable(error) from error
        finally:
            if self._temporary is not None:
                self._temporary.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close(keep=kind is None)

    def _start(self, frame_bgr: Frame) -> None:
        height, width = frame_bgr.shape[:2]
        self._size_wh = (
            width + width % 2,
            height + height % 2,
        )  # yuv420p needs even sides
        self._stream = self._container.add_stream("libx264", rate=self._rate)
        self._stream.width, self._stream.height = self._size_wh
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = TIME_BASE
        self._stream.codec_context.sample_aspect_ratio = Fraction(1)
        self._stream.codec_context.flags |= av.codec.context.Flags.frame_duration
        # MP4 has a duration only for the frame that is decoded last; without B frames, that is the
        # one that is shown last.
        self._stream.options = {"crf": "20", "preset": "veryfast", "bf": "0"}

    def _finish(self) -> None:
        self._mux(self._stream.encode())
        if self._sound is not None:
            self._sound.finish(self._end_s)

    def _mux(self, packets: list[av.Packet[Any]]) -> None:
        self.size_bytes += sum(packet.size for packet in packets)
        self._container.mux(packets)

    def _unwritable(self, error: Exception) -> VideoError:
        name = "The video" if self._path is None else str(self._path)
        number = getattr(error, "errno", None)
        if number == errno.ENOSPC:
            return VideoError(f"{name} cannot be written: the disk is full.")
        reason = os.strerror(number) if number and 0 < number < 200 else str(error)
        return VideoError(f"{name} cannot be written: {reason}.")


def _to_size(frame_bgr: Frame, size_wh: tuple[int, int] | None) -> Frame:
    """Fit a frame to the video's size: padded by one row or column, or resized."""
    height, width = frame_bgr.shape[:2]
    if size_wh is None or (width, height) == size_wh:
        return frame_bgr
    if (width + width % 2, height + height % 2) == size_wh:
        right, bottom = size_wh[0] - width, size_wh[1] - height
        padded = cv2.copyMakeBorder(frame_bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        return np.asarray(padded, np.uint8)
    return np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
