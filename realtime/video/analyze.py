"""Analysing a video file frame by frame, as a library."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from realtime.core.faces import FrameResult
from realtime.core.settings import AnalysisSettings
from realtime.engine.networks import Networks
from realtime.engine.pipeline import Pipeline
from realtime.media.limits import MAX_LOCAL_VIDEO_INDEX_BYTES
from realtime.media.video_check import check_video
from realtime.media.video_reader import VideoReader


def analyze_video(
    networks: Networks, path: Path | str, settings: AnalysisSettings | None = None
) -> Iterator[FrameResult]:
    """Follow the faces through a video.

    Args:
        networks: what to run.
        path: a video file that FFmpeg can read.
        settings: how; the defaults where None.

    Yields:
        The result of each frame in turn, with `time_s` from the video's start.

    Raises:
        VideoError: the file is missing, or is not a video.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from realtime.media.video_writer import VideoWriter
        >>> path = Path(tempfile.mkdtemp(), "gray.mp4")
        >>> with VideoWriter(path) as writer:
        ...     for i in range(3):
        ...         writer.write(np.full((64, 64, 3), 128, np.uint8), i / 25)
        >>> [len(result.faces) for result in analyze_video(Networks(), path)]
        [0, 0, 0]
    """
    path = Path(path)
    check_video(path, str(path), max_bytes=MAX_LOCAL_VIDEO_INDEX_BYTES)
    pipeline = Pipeline(networks, settings)
    with VideoReader(path) as reader:
        for frame in reader:
            yield pipeline.process(frame.frame_bgr, frame.time_s)
