"""Reading of video files: upright frames with their times."""

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
from realtime.media.limits import MAX_VIDEO_FPS
from realtime.media.resize import fit_within

DEFAULT_RATE = Fraction(25)  # frames per second, for files that state none
# Uploads may only have these formats: FFmpeg also reads playlists, which make it open other files
# and addresses.
UPLOAD_OPTIONS = {"format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm"}
COVER_ART = av.stream.Disposition.attached_pic


class VideoError(FaceStreamError, ValueError):
    """A video that cannot be read or written; the message tells the user what is wrong."""


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame of a video.

    Attributes:
        number: position in the video, from 0.
        time_s: seconds since the first frame.
        frame_bgr: (h, w, 3) uint8, upright.
    """

    number: int
    time_s: float
    frame_bgr: Frame


class VideoReader:
    """Iterates over the frames of a video, rotated as its metadata says.

    Args:
        source: path of a file, or the bytes of an MP4, MOV, WebM or MKV file.
        name: name for error messages; defaults to the path.
        max_side_px: resize larger frames so that their longer side has this length.

    Attributes:
        rate: frames per second according to the metadata.
        frames: number of frames according to the metadata; None if it is missing, see `count`.
        damaged: number of packets skipped so far because they could not be decoded.
        sound: whether the video has an audio stream.
        coded_wh: width and height of the stored frames in pixels, before rotation.
        start_s: time of the first frame on the video's own clock, once that frame has been read.

    Raises:
        VideoError: the file is missing, is not a video or has no video stream.
    """

    def __init__(
        self, source: Path | bytes, *, name: str = "", max_side_px: int | None = None
    ) -> None:
        self.source = source
        self.name = name or str(source)
        self.damaged = 0
        self.start_s = 0.0
        self._max_side_px = max_side_px
        self._container = open_video(source, self.name)
        moving = [s for s in self._container.streams.video if not s.disposition & COVER_ART]
        if not moving:
            self._container.close()
            raise VideoError(f"{self.name} contains only sound. Choose a video file.")
        self._stream = moving[0]
        self._stream.thread_type = "AUTO"
        rate = self._stream.average_rate or self._stream.guessed_rate or DEFAULT_RATE
        self.rate = rate if rate <= MAX_VIDEO_FPS else DEFAULT_RATE
        self.frames = self._stream.frames or None
        self.sound = bool(self._container.streams.audio)
        self.coded_wh = (self._stream.width, self._stream.height)

    def __iter__(self) -> Iterator[TimedFrame]:
        """Iterate over the frames; possible only once.

        Raises:
            VideoError: no frame can be decoded.
        """
        last_s, number = -1.0, 0
        for frame in self._decoded():
            seconds = frame.time
            if number == 0:
                self.start_s = seconds or 0.0
            time_s = number / float(self.rate) if seconds is None else seconds - self.start_s
            time_s = max(time_s, last_s, 0.0)  # time stamps of damaged files may go backwards
            picture = to_bgr(frame, mirror=False)
            if self._max_side_px is not None:
                picture = fit_within(picture, self._max_side_px)
            upright = np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90)))
            yield TimedFrame(number, time_s, np.asarray(upright, np.uint8))
            last_s, number = time_s, number + 1
        if number == 0:
            raise VideoError(f"{self.name} is damaged: no frame can be decoded.")

    def count(self) -> tuple[int, float]:
        """Count the frames by reading the whole file without decoding it.

        Needed for browsers' recordings, whose metadata lacks number and duration. Afterwards, the
        frames cannot be read any more.

        Returns:
            Number of frames, and duration in seconds, up to a damaged end.
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
        """Close the file."""
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
    """Open a file, or the bytes of an upload.

    Args:
        source: path or bytes.
        name: name for error messages.

    Raises:
        VideoError: it cannot be read or is not a video.
    """
    try:
        if isinstance(source, bytes):
            return av.open(io.BytesIO(source), "r", options=UPLOAD_OPTIONS)
        return av.open(str(source), "r")
    except (av.error.InvalidDataError, av.error.ArgumentError, av.error.EOFError):
        raise VideoError(f"{name} is not a video or is damaged. Choose another file.") from None
    except (av.error.FFmpegError, OSError) as error:
        raise VideoError(f"{name} cannot be read: {error.strerror or error}.") from None
