"""Reading of video files: upright frames with their times."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Self

import av

from realtime.core.faces import Frame
from realtime.media import limits
from realtime.media.frames import upright
from realtime.media.video_file import (
    VideoError,
    check_size,
    count_frames,
    decoder_options,
    is_too_large,
    open_video,
    packet_end_s,
    picture_stream,
)

__all__ = ["DEFAULT_RATE", "TimedFrame", "VideoError", "VideoReader"]

DEFAULT_RATE = Fraction(25)  # frames per second, for files that state none
Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """One frame of a video.

    Attributes:
        number: position in the video, from 0.
        time_s: seconds since the first frame.
        frame_bgr: (h, w, 3) uint8, upright, of square pixels.
        duration_s: seconds until the next frame, or until the end of the video.
    """

    number: int
    time_s: float
    frame_bgr: Frame
    duration_s: float = 0.0


class VideoReader:
    """Iterates over the frames of a video, rotated and stretched as its metadata says.

    Args:
        source: path of a file, or the bytes of an MP4, MOV, WebM or MKV file.
        name: name for error messages; defaults to the path.
        max_side_px: resize larger frames so that their longer side has this length.
        max_frames: read only so many frames; None for all.
        threads: threads that decode; None for as many as there are processors.
        stopped: asked before each packet of picture or sound; True ends the video there.

    Attributes:
        stopped: as above.
        cut: whether there are more frames than `max_frames`, once these have been read.
        rate: frames per second according to the metadata.
        frames: number of frames according to the metadata; None if it is missing, see `count`.
        damaged: number of packets skipped so far because they could not be decoded.
        sound: whether the video has an audio stream.
        coded_wh: width and height of the stored frames in pixels, before rotation.
        start_s: time of the first frame on the video's own clock, once that frame has been read.

    Raises:
        VideoError: the file is missing, is not a video, has no video stream, or its frames exceed
            `limits.MAX_VIDEO_PIXELS`.
    """

    def __init__(
        self,
        source: Path | bytes,
        *,
        name: str = "",
        max_side_px: int | None = None,
        max_frames: int | None = None,
        threads: int | None = None,
        stopped: Stopped = lambda: False,
    ) -> None:
        self.source = source
        self.name = name or str(source)
        self.stopped = stopped
        self.cut = False
        self.damaged = 0
        self.start_s = 0.0
        self._from_s = 0.0  # no frame before this time is given out
        self._end_s = 0.0  # of the packets read so far, on the video's own clock
        self._max_side_px = max_side_px
        self._max_frames = max_frames
        self._container = open_video(source, self.name)
        try:
            self._stream = picture_stream(self._container, self.name)
        except VideoError:
            self._container.close()
            raise
        self._stream.thread_type = "AUTO" if threads is None else "NONE"
        self._stream.codec_context.options = decoder_options()
        rate = self._stream.average_rate or self._stream.guessed_rate or DEFAULT_RATE
        self.rate = rate if rate <= limits.MAX_VIDEO_FPS else DEFAULT_RATE
        self.frames = self._stream.frames or None
        self.sound = bool(self._container.streams.audio)
        self.coded_wh = (self._stream.width, self._stream.height)

    def __iter__(self) -> Iterator[TimedFrame]:
        """Iterate over the frames; possible only once.

        Raises:
            VideoError: no frame can be decoded, or a frame exceeds `limits.MAX_VIDEO_PIXELS`.
        """
        last: TimedFrame | None = None
        for frame in self._decoded():
            if last is None:
                self.start_s = self.start_s if self._from_s else frame.time or 0.0
            elif last.number + 1 == self._max_frames:
                self.cut = True
                break
            timed = self._timed(frame, 0 if last is None else last.number + 1)
            if last is not None:
                # Time stamps of damaged files may go backwards.
                timed = replace(timed, time_s=max(timed.time_s, last.time_s))
                yield replace(last, duration_s=timed.time_s - last.time_s)
            last = timed
        if last is not None:
            ended = not self.cut and not self.stopped()
            yield replace(last, duration_s=self._last_duration_s(last)) if ended else last
        elif not self.stopped() and not self._from_s:
            raise VideoError(f"{self.name} is damaged: no frame can be decoded.")

    def skip_to(self, time_s: float) -> None:
        """Leave out the frames before a time, without decoding more of them than needed.

        The frames are then numbered from 0, their times stay those of the whole video. Possible
        only before iterating.

        Args:
            time_s: seconds from the first frame.

        Raises:
            VideoError: as for iterating.
        """
        first = next(self._decoded(), None) if time_s > 0 else None
        if first is None:
            return
        self.start_s = first.time or 0.0
        # Without an index, FFmpeg may land behind the time; then go back further, to the start.
        for before_s in (0.0, 10.0, math.inf):
            self._seek(max(0.0, self.start_s + time_s - before_s))
            frame = next(self._decoded(), None)
            if frame is not None and (frame.time or 0.0) - self.start_s <= time_s:
                self._seek(max(0.0, self.start_s + time_s - before_s))
                break
        self._from_s = time_s

    def count(self) -> tuple[int, float]:
        """Count the frames by reading the whole file without decoding it.

        Afterwards, the frames cannot be read any more. Counting ends beyond `max_frames`.

        Returns:
            Number of frames, and duration in seconds, up to a damaged end.
        """
        most = float("inf") if self._max_frames is None else self._max_frames
        return count_frames(self._container, self._stream, most=most, stopped=self.stopped)

    def close(self) -> None:
        """Close the file."""
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _seek(self, time_s: float) -> None:
        """Continue at the key frame at or before a time of the video's own clock."""
        try:
            self._container.seek(round(time_s * av.time_base))
        except (av.error.FFmpegError, OverflowError) as error:
            raise VideoError(f"{self.name} cannot be read from its middle.") from error

    def _decoded(self) -> Iterator[av.VideoFrame]:
        packets = self._container.demux(self._stream)
        while not self.stopped():
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                self._end_s = max(self._end_s, packet_end_s(packet))
                frames = packet.decode()
            except av.error.EOFError:
                return
            except av.error.FFmpegError as error:
                if is_too_large(error, self._stream):
                    raise VideoError(
                        f"{self.name} has frames that exceed 4K. Use a smaller copy."
                    ) from None
                if not isinstance(error, av.error.InvalidDataError):
                    raise VideoError(f"{self.name} cannot be decoded: {error.strerror}.") from error
                self.damaged += 1
                continue
            for frame in frames:
                check_size(self.name, frame.width, frame.height)
                if self._from_s and (frame.time or 0.0) - self.start_s < self._from_s:
                    continue
                yield frame

    def _timed(self, frame: av.VideoFrame, number: int) -> TimedFrame:
        """Convert a frame; `duration_s` is what its packet says, or one period."""
        period_s = 1 / float(self.rate)
        time_s = number * period_s if frame.time is None else frame.time - self.start_s
        duration_s = float(frame.duration * (frame.time_base or 0)) or period_s
        picture = upright(frame, self._stream.sample_aspect_ratio, self._max_side_px)
        return TimedFrame(number, max(time_s, 0.0), picture, duration_s)

    def _last_duration_s(self, last: TimedFrame) -> float:
        """Duration of the last frame, which files with a variable rate may show for long."""
        duration_s = max(last.duration_s, self._end_s - self.start_s - last.time_s)
        return min(duration_s, limits.MAX_VIDEO_DURATION_S)
