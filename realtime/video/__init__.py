"""Video files: read, analysed, drawn on and written, with their sound."""

from realtime.video.annotate import annotate
from realtime.video.reader import TimedFrame, VideoError, VideoReader
from realtime.video.writer import VideoWriter

__all__ = ["TimedFrame", "VideoError", "VideoReader", "VideoWriter", "annotate"]
