"""Uploaded videos: opened as the page does, then written again with their sound."""

from __future__ import annotations

import io
from pathlib import Path
from unittest.mock import patch

from realtime.media import limits
from realtime.media.video_check import VideoLength
from realtime.media.video_file import count_frames, open_video, picture_stream
from realtime.media.video_reader import VideoReader
from realtime.media.video_writer import VideoWriter
from realtime.video import upload
from tests.fuzz.door import Door

MAX_FRAMES = 2


def enter(data: bytes) -> None:
    """Open an upload, and copy the first frames and the sound as a job does."""
    with patch.object(upload, "check_video", check_here):
        opened = upload.open_upload("clip.mp4", data)
    assert opened.frames <= limits.MAX_VIDEO_FRAMES
    with (
        VideoReader(data, max_side_px=64, max_frames=MAX_FRAMES) as reader,
        VideoWriter(io.BytesIO(), rate=reader.rate, sound_of=reader) as writer,
    ):
        for frame in reader:
            writer.write(frame.frame_bgr, frame.time_s, frame.duration_s)


def check_here(source: Path | bytes, name: str, *, count_to: int, **_: object) -> VideoLength:
    """What `check_video` does, but not in a process of its own, which takes long to start."""
    with open_video(source, name) as container:
        stream = picture_stream(container, name)
        frames, seconds = count_frames(container, stream, most=count_to)
    return VideoLength(frames=frames, seconds=seconds)


DOOR = Door(enter=enter, words=(b"moov", b"mdat", b"trak", b"free", b"\x1a\x45\xdf\xa3"))
