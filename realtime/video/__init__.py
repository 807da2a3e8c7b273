"""Video files: read, analysed, drawn on and written, with their sound."""

from realtime.media.video_reader import TimedFrame, VideoError, VideoReader
from realtime.media.video_writer import VideoWriter
from realtime.video.annotate import annotate

__all__ = ["TimedFrame", "VideoError", "VideoReader", "VideoWriter", "annotate"]
