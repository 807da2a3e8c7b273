"""Uploaded videos: opened as the page does, then written again with their sound."""

from __future__ import annotations

import io

from realtime.media import limits
from realtime.media.video_reader import VideoReader
from realtime.media.video_writer import VideoWriter
from realtime.video.upload import open_upload
from tests.fuzz.door import Door

MAX_FRAMES = 8


def enter(data: bytes) -> None:
    """Open an upload, and copy the first frames and the sound as a job does."""
    upload = open_upload("clip.mp4", data)
    assert upload.frames <= limits.MAX_VIDEO_FRAMES
    with (
        VideoReader(data, max_side_px=64, max_frames=MAX_FRAMES) as reader,
        VideoWriter(io.BytesIO(), rate=reader.rate, sound_of=reader) as writer,
    ):
        for frame in reader:
            writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)


DOOR = Door(enter=enter, words=(b"moov", b"mdat", b"trak", b"free", b"\x1a\x45\xdf\xa3"))
