"""Analysis of a whole video: decoding, analysis, and drawing with encoding run in parallel."""

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

MAX_QUEUED_FRAMES = 4  # between two stages; evens out their varying speed
OnFrame = Callable[[TimedFrame, FrameResult], None]
HideFaces = Callable[[Frame, FrameResult], None]


def annotate(
    reader: VideoReader,
    pipeline: Pipeline,
    on_frame: OnFrame,
    *,
    writer: VideoWriter | None = None,
    draw: DrawSettings | None = None,
    hide: HideFaces | None = None,
) -> None:
    """Detect and track the faces of a video and optionally write an annotated copy.

    One thread decodes, another draws and encodes, and the calling thread analyses.

    Args:
        reader: the video.
        pipeline: a new pipeline, unused so far.
        on_frame: called in this thread with each frame, before drawing, and its result. Exceptions
            it raises end the analysis.
        writer: where to write the annotated frames; None for nowhere.
        draw: what to draw on them.
        hide: makes faces unrecognisable, in place, before anything else uses the frame.

    Raises:
        VideoError: the video cannot be read or written.
    """
    draw = replace(draw or DrawSettings(), hiding=None)

    def write(frame: TimedFrame, result: FrameResult, to: VideoWriter) -> None:
        draw_result(frame.frame_bgr, result.faces, draw)
        to.write(frame.frame_bgr, frame.time_s, frame.duration_s)

    with (
        ThreadPoolExecutor(1, "video-decode") as decoder,
        ThreadPoolExecutor(1, "video-encode") as encoder,
    ):
        frames = iter(reader)
        decoded = deque(decoder.submit(next, frames, None) for _ in range(MAX_QUEUED_FRAMES))
        written = deque[Future[None]]()
        while (frame := decoded.popleft().result()) is not None:
            decoded.append(decoder.submit(next, frames, None))
            result = pipeline.process(frame.frame_bgr, frame.time_s)
            if hide is not None:
                hide(frame.frame_bgr, result)
            on_frame(frame, result)
            if writer is not None:
                written.append(encoder.submit(write, frame, result, writer))
                if len(written) > MAX_QUEUED_FRAMES:
                    written.popleft().result()
        for task in written:
            task.result()
