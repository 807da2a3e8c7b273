"""Validation of uploaded videos, before any analysis."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime.media import limits
from realtime.media.resize import fit_within
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
    with VideoReader(data, name=name, max_side_px=limits.MAX_VIDEO_SIDE_PX) as reader:
        width, height = reader.coded_wh
        if width * height > limits.MAX_VIDEO_PIXELS:
            raise VideoError(f"{name} exceeds 4K ({width} × {height} pixels). Use a smaller copy.")
        first_bgr = next(iter(reader)).frame_bgr
    with VideoReader(data, name=name) as reader:
        frames, seconds = reader.count()
    if seconds > limits.MAX_VIDEO_DURATION_S:
        minutes = limits.MAX_VIDEO_DURATION_S / 60
        raise VideoError(
            f"{name} is {seconds / 60:.1f} minutes long. Cut it to {minutes:.0f} minutes or less."
        )
    poster = encode(fit_within(first_bgr, POSTER_SIDE_PX), ".jpg")
    size_wh = (first_bgr.shape[1], first_bgr.shape[0])
    return VideoUpload(name, data, size_wh, frames, seconds, reader.sound, poster)
