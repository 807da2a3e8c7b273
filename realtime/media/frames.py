"""Conversion between pictures or their pixels and PyAV's video frames."""

from __future__ import annotations

from fractions import Fraction

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange

from realtime.core.arrays import Frame
from realtime.media import limits
from realtime.media.pixels import Pixels, bgr_to_pixels, flip, is_planes, pixels_to_bgr
from realtime.media.resize import fit_within


def to_pixels(frame: VideoFrame, *, mirror: bool) -> Pixels:
    """Copy a video frame's pixels.

    Args:
        frame: in any pixel format.
        mirror: whether to flip it left to right.

    Returns:
        Planes where the frame has such and OpenCV reads them rightly, otherwise BGR; see
        `realtime.media.pixels`.
    """
    # OpenCV's conversion is faster than FFmpeg's, but expects limited range and even sides.
    plain = frame.format.name == "yuv420p" and frame.color_range != ColorRange.JPEG
    even = frame.width % 2 == 0 and frame.height % 2 == 0
    array = frame.to_ndarray() if plain and even else frame.to_ndarray(format="bgr24")
    pixels = np.asarray(array, np.uint8)
    return flip(pixels) if mirror else pixels


def from_pixels(pixels: Pixels) -> VideoFrame:
    """A video frame in yuv420p of planes, or in bgr24 of BGR; it may refer to them."""
    if not is_planes(pixels):
        return VideoFrame.from_ndarray(pixels, format="bgr24")
    if len(pixels) % 6:  # PyAV 18 leaves out rows of others without a copy
        return VideoFrame.from_ndarray(pixels, format="yuv420p")
    return VideoFrame.from_numpy_buffer(np.ascontiguousarray(pixels), format="yuv420p")


def to_bgr(frame: VideoFrame, *, mirror: bool) -> Frame:
    """Convert a video frame to a picture.

    Args:
        frame: in any pixel format.
        mirror: whether to flip it left to right.

    Returns:
        (h, w, 3) uint8 BGR.
    """
    pixels = to_pixels(frame, mirror=mirror)
    return pixels_to_bgr(pixels) if is_planes(pixels) else pixels


def to_video(frame_bgr: Frame) -> VideoFrame:
    """Convert a picture to a video frame.

    Args:
        frame_bgr: (h, w, 3) uint8.

    Returns:
        A frame in yuv420p, as encoders expect, or in bgr24 if a side is odd.
    """
    even = frame_bgr.shape[0] % 2 == 0 and frame_bgr.shape[1] % 2 == 0
    return from_pixels(bgr_to_pixels(frame_bgr, planes=even))


def square_pixels(frame_bgr: Frame, aspect: Fraction | None) -> Frame:
    """Stretch a picture whose pixels are not square, as on DVDs and in some cameras' videos.

    Args:
        frame_bgr: (h, w, 3) uint8.
        aspect: width of a pixel divided by its height; None where unknown, which means square.

    Returns:
        The stretched picture, at most `limits.MAX_VIDEO_PIXELS` large; or `frame_bgr` itself if
        its pixels are square or `aspect` is beyond `limits.MAX_PIXEL_ASPECT`.
    """
    ratio = float(aspect) if aspect else 1.0
    if ratio == 1 or not 1 / limits.MAX_PIXEL_ASPECT <= ratio <= limits.MAX_PIXEL_ASPECT:
        return frame_bgr
    height, width = frame_bgr.shape[:2]
    wide, high = width * max(ratio, 1.0), height * max(1 / ratio, 1.0)  # nothing is thrown away
    scale = min(1.0, (limits.MAX_VIDEO_PIXELS / (wide * high)) ** 0.5)
    size_wh = (max(1, round(wide * scale)), max(1, round(high * scale)))
    return np.asarray(cv2.resize(frame_bgr, size_wh, interpolation=cv2.INTER_LINEAR), np.uint8)


def upright(frame: VideoFrame, aspect: Fraction | None, max_side_px: int | None = None) -> Frame:
    """Convert a frame to a picture, rotated and stretched as its metadata says.

    Args:
        frame: in any pixel format.
        aspect: see `square_pixels`.
        max_side_px: resize a larger picture so that its longer side has this length.

    Returns:
        (h, w, 3) uint8 BGR, contiguous.
    """
    picture = square_pixels(to_bgr(frame, mirror=False), aspect)
    if max_side_px is not None:
        picture = fit_within(picture, max_side_px)
    return np.asarray(np.ascontiguousarray(np.rot90(picture, round(frame.rotation / 90))), np.uint8)
