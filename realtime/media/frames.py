"""Conversion between BGR pictures and PyAV's video frames."""

from __future__ import annotations

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange

from realtime.core.faces import Frame


def to_bgr(frame: VideoFrame, *, mirror: bool) -> Frame:
    """Convert a video frame to a picture.

    Args:
        frame: in any pixel format.
        mirror: whether to flip it left to right.

    Returns:
        (h, w, 3) uint8 BGR.
    """
    # OpenCV's conversion is faster than FFmpeg's, but expects limited range and even sides.
    plain = frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
    if plain and frame.width % 2 == 0 and frame.height % 2 == 0:
        picture = cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2BGR_I420)
    else:
        picture = frame.to_ndarray(format="bgr24")
    flipped: Frame = cv2.flip(picture, 1) if mirror else picture  # type: ignore[assignment]
    return flipped


def to_video(frame_bgr: Frame) -> VideoFrame:
    """Convert a picture to a video frame.

    Args:
        frame_bgr: (h, w, 3) uint8.

    Returns:
        A frame in yuv420p, as encoders expect, or in bgr24 if a side is odd.
    """
    if frame_bgr.shape[0] % 2 == 0 and frame_bgr.shape[1] % 2 == 0:
        planes = np.asarray(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
        return VideoFrame.from_ndarray(planes, format="yuv420p")
    return VideoFrame.from_ndarray(frame_bgr, format="bgr24")
