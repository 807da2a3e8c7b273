"""Uploaded videos: looked at before any work is done, and refused with one sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from realtime.media.resize import within
from realtime.media.video_reader import VideoError, VideoReader
from realtime.output.crops import encode

KINDS = ("mp4", "webm", "mov", "mkv")
MAX_BYTES = 200 * 1024**2
MAX_S = 600.0
MAX_PIXELS = 4096 * 2304  # a frame of 8K takes 100 MB, and a decoder keeps a dozen
SIDE_PX = 1920  # larger frames are shrunk: faces gain nothing, the server's memory much
POSTER_SIDE_PX = 640


@dataclass(frozen=True, slots=True, eq=False)
class VideoUpload:
    """A video that can be analysed.

    Attributes:
        name: as its owner calls it.
        data: the file's bytes.
        size_wh: of a frame in pixels, turned upright and shrunk to `SIDE_PX`.
        frames: their number.
        seconds: how long it plays.
        sound: whether it has any.
        poster_jpg: its first frame.
    """

    name: str
    data: bytes = field(repr=False)
    size_wh: tuple[int, int]
    frames: int
    seconds: float
    sound: bool
    poster_jpg: bytes = field(repr=False)


def open_upload(name: str, data: bytes) -> VideoUpload:
    """Look at an uploaded file.

    Raises:
        VideoError: it is no video, is damaged, or exceeds a limit.
    """
    if len(data) > MAX_BYTES:
        raise VideoError(
            f"{name} is over {MAX_BYTES // 1024**2} MB: save a smaller or shorter copy and try "
            "again."
        )
    with VideoReader(data, name=name, most_side_px=SIDE_PX) as reader:
        width, height = reader.stated_wh
        if width * height > MAX_PIXELS:
            raise VideoError(
                f"{name} has {width} by {height} pixels, more than 4K: save a smaller copy and try "
                "again."
            )
        first = next(iter(reader)).frame_bgr
    with VideoReader(data, name=name) as reader:
        frames, seconds = reader.count()
    if seconds > MAX_S:
        raise VideoError(
            f"{name} plays for {seconds / 60:.1f} minutes: cut it to {MAX_S / 60:.0f} minutes or "
            "less and try again."
        )
    poster = encode(within(first, POSTER_SIDE_PX), ".jpg")
    size_wh = (first.shape[1], first.shape[0])
    return VideoUpload(name, data, size_wh, frames, seconds, reader.sound, poster)
