"""Video files out: H.264 in MP4, with the sound of another video."""

from __future__ import annotations

import errno
import os
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import av
import cv2
import numpy as np

from realtime.core.faces import Frame
from realtime.media.frames import to_video
from realtime.media.sound import Sound
from realtime.media.video_reader import DEFAULT_RATE, VideoError, VideoReader

CLOCK = Fraction(1, 90_000)  # fine enough for any frame rate, a varying one included


class VideoWriter:
    """Writes an MP4; a file has a temporary name until all went well, and only then its own.

    Args:
        target: the file's path, or where its bytes go: readable, seekable, left open.
        rate: frames a second, a hint for players.
        sound_of: a video whose first audio stream is brought over.

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
        self._last_pts = -1
        self._size_wh: tuple[int, int] | None = None
        try:
            self._container = av.open(
                str(self._temporary) if isinstance(target, Path) else target, "w", format="mp4"
            )
        except (av.error.FFmpegError, OSError) as error:
            raise self._unwritable(error) from error
        self._sound = Sound(sound_of, self._container) if sound_of is not None else None

    def write(self, frame_bgr: Frame, time_s: float) -> None:
        """Add a frame; the first one sets the size, and times must not go backwards.

        Raises:
            VideoError: the disk is full or the encoder refuses.
        """
        try:
            if self._size_wh is None:
                self._start(frame_bgr)
            frame = to_video(_even(frame_bgr, self._size_wh))
            self._last_pts = max(round(time_s / CLOCK), self._last_pts + 1)
            frame.pts, frame.time_base = self._last_pts, CLOCK
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until(time_s)
        except (av.error.FFmpegError, OSError) as error:
            raise self._unwritable(error) from error

    def close(self, *, keep: bool = True) -> None:
        """Finish the file and give it its name, or take it away where `keep` is False.

        Raises:
            VideoError: the end of the file cannot be written.
        """
        keep = keep and self._size_wh is not None
        try:
            if keep:
                self._container.mux(self._stream.encode())
            if self._sound is not None:
                self._sound.close(finish=keep)
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
        self._size_wh = (width + width % 2, height + height % 2)  # 4:2:0 colour needs even sides
        self._stream = self._container.add_stream("libx264", rate=self._rate)
        self._stream.width, self._stream.height = self._size_wh
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = CLOCK
        self._stream.options = {"crf": "20", "preset": "veryfast"}

    def _unwritable(self, error: Exception) -> VideoError:
        name = "The video" if self._path is None else str(self._path)
        number = getattr(error, "errno", None)
        if number == errno.ENOSPC:
            return VideoError(f"{name} cannot be written: the disk is full.")
        reason = os.strerror(number) if number and 0 < number < 200 else str(error)
        return VideoError(f"{name} cannot be written: {reason}.")


def _even(frame_bgr: Frame, size_wh: tuple[int, int] | None) -> Frame:
    """The frame in the video's size: its last row and column doubled where that is all it needs."""
    height, width = frame_bgr.shape[:2]
    if size_wh is None or (width, height) == size_wh:
        return frame_bgr
    if (width + width % 2, height + height % 2) == size_wh:
        right, bottom = size_wh[0] - width, size_wh[1] - height
        padded = cv2.copyMakeBorder(frame_bgr, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        return np.asarray(padded, np.uint8)
    return np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_AREA), np.uint8)
