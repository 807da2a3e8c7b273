"""Analysis of video files: annotated copies, tables and summaries of people."""

from realtime.media.video_reader import TimedFrame, VideoError, VideoReader
from realtime.media.video_writer import VideoWriter
from realtime.video.annotate import annotate

__all__ = ["TimedFrame", "VideoError", "VideoReader", "VideoWriter", "annotate"]
