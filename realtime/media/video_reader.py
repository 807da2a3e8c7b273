"""Video files in: upright frames with their times."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Self

import av
import av.stream
import numpy as np

from realtime.core.errors import FaceStreamError
from realtime.core.faces import Frame
from realtime.media.frames import to_bgr
from realtime.media.resize import within

DEFAULT_RATE = Fraction(25)
FASTEST = 240  # frames a second; some files state the ticks of their clock instead
# What a stranger's bytes may be. FFmpeg knows playlists too, which have it open other addresses.
UPLOADS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"}
COVER = av.stream.Disposition.attached_pic  # a still picture that goes with music


class VideoError(FaceStreamError, ValueError):
    """A video that cannot be read or written; the message is one sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame: its number from 0, its time from the video's start, its upright picture."""

    number: int
    time_s: float
    frame_bgr: Frame


class VideoReader:
    """Iterates over the frames of a video, turned upright as its metadata says.

    Args:
        source: a file, or the bytes of an MP4, MOV, WebM or MKV file.
        name: what it is called in sentences; the file's path where none is given.
        most_side_px: larger frames are shrunk to a longer side of so many pixels.

    Attributes:
        rate: frames a second as the video states them.
        frames: their number as the video states it, None where it does not; see `count`.
        damaged: parts that could not be decoded so far and were skipped.
        sound: whether it has any.
        stated_wh: width and height as the file states them, before any turn.
        start_s: the first frame's time on the video's own clock, once that is read.

    Raises:
        VideoError: the file is missing, is no video or holds no picture.
    """

    def __init__(
        self, source: Path | bytes, *, name: str = "", most_side_px: int | None = None
    ) -> None:
        self.source = source
        self.name = name or str(source)
        self.damaged = 0
        self.start_s = 0.0
        self._most_side_px = most_side_px
        self._container = open_video(source, self.name)
        moving = [s for s in self._container.streams.video if not s.disposition & COVER]
        if not moving:
            self._container.close()
            raise VideoError(f"{self.name} has no picture, only sound: choose a video file.")
        self._stream = moving[0]
        self._stream.thread_type = "AUTO"
        rate = self._stream.average_rate or self._stream.guessed_rate or DEFAULT_RATE
        self.rate = rate if rate <= FASTEST else DEFAULT_RATE
        self.frames = self._stream.frames or None
        self.sound = bool(self._container.streams.audio)
        self.stated_wh = (self._stream.width, self._stream.height)

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
            picture = to_bgr(frame, mirror=False)
            if self._most_side_px is not None:
                picture = within(picture, self._most_side_px)
            upright = np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90)))
            yield TimedFrame(number, time_s, np.asarray(upright, np.uint8))
            last_s, number = time_s, number + 1
        if number == 0:
            raise VideoError(f"{self.name} is damaged: no frame of it can be decoded.")

    def count(self) -> tuple[int, float]:
        """How many frames there are and for how many seconds they play, up to a damaged end.

        Reads the whole file without decoding it, for what browsers record states neither; after
        that, the frames themselves can no longer be had.
        """
        frames, begin_s, end_s = 0, float("inf"), float("-inf")
        with suppress(av.error.FFmpegError):
            for packet in self._container.demux(self._stream):
                if packet.size and packet.pts is not None and packet.time_base is not None:
                    frames += 1
                    begin_s = min(begin_s, float(packet.pts * packet.time_base))
                    last = packet.pts + (packet.duration or 0)
                    end_s = max(end_s, float(last * packet.time_base))
        return frames, max(0.0, end_s - begin_s)

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
                raise VideoError(f"{self.name} cannot be decoded: {error.strerror}.") from error
            yield from frames


def open_video(source: Path | bytes, name: str) -> av.container.InputContainer:
    """The container of a file, or of the bytes of an upload.

    Raises:
        VideoError: it cannot be read.
    """
    try:
        if isinstance(source, bytes):
            return av.open(io.BytesIO(source), "r", options=UPLOADS)
        return av.open(str(source), "r")
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        raise VideoError(f"{name} is not a video, or it is damaged: choose another file.") from None
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(f"{name} cannot be read: {error.strerror or error}.") from None
