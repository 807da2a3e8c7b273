"""Video files: frames with their times in, H.264 in MP4 out, the sound copied along."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import av
import cv2
import numpy as np

from realtime.faces import Frame

CLOCK = Fraction(1, 90_000)  # fine enough for any frame rate, a varying one included
DEFAULT_RATE = Fraction(25)
MP4_SOUND = ("aac", "mp3", "ac3", "eac3", "alac", "opus", "flac")


class VideoError(ValueError):
    """A video that cannot be read or written; the message is one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame: its number from 0, its time from the video's start, its upright picture."""

    number: int
    time_s: float
    frame_bgr: Frame


class VideoReader:
    """Iterates over the frames of a video file, turned upright as its metadata says.

    Attributes:
        rate: frames a second as the file states them.
        frames: their number as the file states it, None where it does not.
        damaged: parts that could not be decoded so far and were skipped.

    Raises:
        VideoError: the file is missing, is no video or holds no picture.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged = 0
        self.start_s = 0.0
        self._container = _open(path)
        if not self._container.streams.video:
            self._container.close()
            raise VideoError(f"{path} has no picture, only sound: choose a video file.")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self.rate = self._stream.average_rate or self._stream.guessed_rate or DEFAULT_RATE
        self.frames = self._stream.frames or None

    def __iter__(self) -> Iterator[TimedFrame]:
        """The frames, once.

        Raises:
            VideoError: not one frame can be decoded.
        """
        last_s, number = -1.0, 0
        for frame in self._decoded():
            seconds = frame.time
            if number == 0:
                self.start_s = seconds or 0.0
            time_s = number / float(self.rate) if seconds is None else seconds - self.start_s
            time_s = max(time_s, last_s, 0.0)  # a damaged file may step back; time does not
            picture = frame.to_ndarray(format="bgr24")
            upright = np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90)))
            yield TimedFrame(number, time_s, np.asarray(upright, np.uint8))
            last_s, number = time_s, number + 1
        if number == 0:
            raise VideoError(f"{self.path} is damaged: no frame of it can be decoded.")

    def close(self) -> None:
        """Let go of the file."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.InvalidDataError:
                self.damaged += 1
                continue
            except av.error.FFmpegError as error:
                raise VideoError(f"{self.path} cannot be decoded: {error.strerror}.") from error
            yield from frames


class VideoWriter:
    """Writes an MP4 under a temporary name; it takes its own name only when all went well.

    Args:
        path: where the video goes.
        rate: frames a second, a hint for players.
        sound_of: a video whose first audio stream is copied, where MP4 can hold it.

    Raises:
        VideoError: the file cannot be written.
    """

    def __init__(
        self, path: Path, *, rate: Fraction = DEFAULT_RATE, sound_of: VideoReader | None = None
    ) -> None:
        self._path = path
        self._temporary = path.with_name(f".{path.stem}.{os.getpid()}.part")
        self._rate = rate
        self._source = sound_of
        self._last_pts = -1
        self._size_wh: tuple[int, int] | None = None
        try:
            self._container = av.open(str(self._temporary), "w", format="mp4")
        except (av.error.FFmpegError, OSError) as error:
            raise VideoError(_unwritable(path, error)) from error
        self._sound = _Sound(sound_of.path, self._container) if sound_of is not None else None

    def write(self, frame_bgr: Frame, time_s: float) -> None:
        """Add a frame; the first one sets the size, and times must not go backwards.

        Raises:
            VideoError: the disk is full or the encoder refuses.
        """
        try:
            if self._size_wh is None:
                self._start(frame_bgr)
            picture = _even(frame_bgr, self._size_wh)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            self._last_pts = max(round(time_s / CLOCK), self._last_pts + 1)
            frame.pts, frame.time_base = self._last_pts, CLOCK
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None and self._source is not None:
                self._sound.copy_until(time_s, self._source.start_s)
        except (av.error.FFmpegError, OSError) as error:
            raise VideoError(_unwritable(self._path, error)) from error

    def close(self, *, keep: bool = True) -> None:
        """Finish the file and give it its name, or take it away where `keep` is False.

        Raises:
            VideoError: the end of the file cannot be written.
        """
        keep = keep and self._size_wh is not None
        try:
            if keep:
                self._container.mux(self._stream.encode())
                if self._sound is not None and self._source is not None:
                    self._sound.copy_until(float("inf"), self._source.start_s)
            self._container.close()
            if keep:
                os.replace(self._temporary, self._path)
        except (av.error.FFmpegError, OSError) as error:
            if keep:
                raise VideoError(_unwritable(self._path, error)) from error
        finally:
            if self._sound is not None:
                self._sound.close()
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


class _Sound:
    """Copies the packets of a file's first audio stream, keeping pace with the picture."""

    def __init__(self, path: Path, output: av.container.OutputContainer) -> None:
        self._input = _open(path)
        self._output = output
        streams = [s for s in self._input.streams.audio if s.codec_context.name in MP4_SOUND]
        self._packets: Iterator[av.Packet[Any]] = iter(())
        self._waiting: av.Packet[Any] | None = None
        if streams:
            self._stream = output.add_stream_from_template(streams[0])
            self._packets = self._input.demux(streams[0])

    def copy_until(self, time_s: float, start_s: float) -> None:
        while True:
            packet = self._waiting or next(self._packets, None)
            self._waiting = None
            if packet is None:
                return
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                continue
            seconds = float(packet.pts * packet.time_base) - start_s
            if seconds > time_s:
                self._waiting = packet
                return
            if seconds < 0:
                continue
            shift = round(start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = self._stream
            self._output.mux(packet)

    def close(self) -> None:
        self._input.close()


def _open(path: Path) -> av.container.InputContainer:
    try:
        return av.open(str(path), "r")
    except av.error.InvalidDataError:
        raise VideoError(f"{path} is not a video, or it is damaged: choose another file.") from None
    except (av.error.FFmpegError, OSError) as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise VideoError(f"{path} cannot be read: {reason}.") from None


def _unwritable(path: Path, error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number == errno.ENOSPC:
        return f"{path} cannot be written: the disk is full."
    reason = os.strerror(number) if number and 0 < number < 200 else str(error)
    return f"{path} cannot be written: {reason}."


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
