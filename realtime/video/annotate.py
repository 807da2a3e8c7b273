"""Video files from end to end: read, analysed, drawn on and written, all at the same time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from realtime.core.faces import Frame, FrameResult
from realtime.core.settings import DrawSettings
from realtime.engine.pipeline import Pipeline
from realtime.media.video_reader import TimedFrame, VideoReader
from realtime.media.video_writer import VideoWriter
from realtime.render.draw import draw_result

AHEAD = 4  # frames that wait between two steps, at most: enough to even out what each takes
Look = Callable[[TimedFrame, FrameResult], None]
Hide = Callable[[Frame, FrameResult], None]


def annotate(
    reader: VideoReader,
    pipeline: Pipeline,
    look: Look,
    *,
    writer: VideoWriter | None = None,
    draw: DrawSettings | None = None,
    hide: Hide | None = None,
) -> None:
    """Follow the faces through a video, frame by frame.

    Frames are decoded in a thread of their own, and drawn on and encoded in another, while this
    one analyses: none of the three waits for the others.

    Args:
        reader: the video.
        pipeline: a fresh one.
        look: called in this thread with each frame, not yet drawn on, and what it shows; what it
            raises ends the work.
        writer: where the annotated frames go, None for nowhere.
        draw: what is drawn on them.
        hide: makes faces unrecognisable before anybody else sees the frame, where given.

    Raises:
        VideoError: the video cannot be read or written.
    """
    shown = replace(draw or DrawSettings(), hiding=None)

    def write(frame: TimedFrame, result: FrameResult, to: VideoWriter) -> None:
        draw_result(frame.frame_bgr, result.faces, shown)
        to.write(frame.frame_bgr, frame.time_s)

    with (
        ThreadPoolExecutor(1, "video-read") as reading,
        ThreadPoolExecutor(1, "video-write") as writing,
    ):
        frames = iter(reader)
        read = deque(reading.submit(next, frames, None) for _ in range(AHEAD))
        written = deque[Future[None]]()
        while (frame := read.popleft().result()) is not None:
            read.append(reading.submit(next, frames, None))
            result = pipeline.process(frame.frame_bgr, frame.time_s)
            if hide is not None:
                hide(frame.frame_bgr, result)
            look(frame, result)
            if writer is not None:
                written.append(writing.submit(write, frame, result, writer))
                if len(written) > AHEAD:
                    written.popleft().result()
        for task in written:
            task.result()
