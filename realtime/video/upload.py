"""Validation of uploaded videos, before any analysis."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from realtime.media import limits
from realtime.media.resize import fit_within
from realtime.media.video_check import check_video
from realtime.media.video_reader import VideoError, VideoReader
from realtime.output.crops import encode

EXTENSIONS = ("mp4", "webm", "mov", "mkv")
POSTER_SIDE_PX = 640


@dataclass(frozen=True, slots=True, eq=False)
class VideoUpload:
    """A valid video.

    Attributes:
        name: the file's name.
        data: the file's bytes.
        size_wh: width and height of a frame in pixels, upright and resized to
            `limits.MAX_VIDEO_SIDE_PX`.
        frames: number of frames.
        seconds: duration.
        sound: whether the video has sound.
        poster_jpg: the first frame as a JPEG file.
    """

    name: str
    data: bytes = field(repr=False)
    size_wh: tuple[int, int]
    frames: int
    seconds: float
    sound: bool
    poster_jpg: bytes = field(repr=False)


def open_upload(name: str, data: bytes) -> VideoUpload:
    """Validate an uploaded file.

    Args:
        name: the file's name, for error messages.
        data: the file's bytes.

    Raises:
        VideoError: it is not a video, is damaged or exceeds a limit.
    """
    if len(data) > limits.MAX_VIDEO_UPLOAD_BYTES:
        megabytes = limits.MAX_VIDEO_UPLOAD_BYTES // 1024**2
        raise VideoError(f"{name} is larger than {megabytes} MB. Use a smaller or shorter copy.")
    most, end_s = limits.MAX_VIDEO_FRAMES, time.monotonic() + limits.MAX_VIDEO_OPEN_S
    length = check_video(data, name, count_to=most, max_s=limits.MAX_VIDEO_OPEN_S)
    with VideoReader(
        data,
        name=name,
        max_side_px=limits.MAX_VIDEO_SIDE_PX,
        stopped=lambda: time.monotonic() > end_s,
    ) as reader:
        if max(length.frames, reader.frames or 0) > most:
            raise VideoError(f"{name} has more than {most:,} frames. Cut it into shorter parts.")
        first = next(iter(reader), None)
    if first is None:
        raise VideoError(f"{name} takes too long to read. Export it again, or cut it.")
    if length.seconds > limits.MAX_VIDEO_DURATION_S:
        minutes = limits.MAX_VIDEO_DURATION_S / 60
        raise VideoError(
            f"{name} is {length.seconds / 60:.1f} minutes long. "
            f"Cut it to {minutes:.0f} minutes or less."
        )
    poster = encode(fit_within(first.frame_bgr, POSTER_SIDE_PX), ".jpg")
    height, width = first.frame_bgr.shape[:2]
    return VideoUpload(
        name=name,
        data=data,
        size_wh=(width, height),
        frames=length.frames,
        seconds=length.seconds,
        sound=reader.sound,
        poster_jpg=poster,
    )
