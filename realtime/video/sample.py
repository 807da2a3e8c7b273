"""A sample video, made from the sample photos: two portraits, and a mask that comes off."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import cv2
import numpy as np

from realtime.core.arrays import Frame
from realtime.media.pictures import decode_picture
from realtime.media.samples import sample_jpg
from realtime.media.video_writer import VideoWriter

SAMPLE_NAME = "sample.mp4"
SIZE_WH = (640, 360)
RATE = 15  # frames per second
STILL_S, FADE_S = 1.8, 0.4
ZOOM = 1.2  # at the end; it grows slowly, so that the picture never stands still


@cache
def sample_mp4() -> bytes:
    """The video as an MP4 file without sound; encoded on the first call, in about a second."""
    out, frames = io.BytesIO(), list(_frames())
    with VideoWriter(out, rate=Fraction(RATE)) as writer:
        for i, frame in enumerate(frames):
            writer.write(_zoomed(frame, 1 + (ZOOM - 1) * i / len(frames)), i / RATE)
    return out.getvalue()


def _frames() -> Iterator[Frame]:
    first = _view("hopper.jpg", left=0, top=95, width=512)
    masked = _view("painted-mask.jpg", left=25, top=0, width=400)
    bare = _view("astronaut.jpg", left=25, top=0, width=400)
    still, fade = round(STILL_S * RATE), round(FADE_S * RATE)
    yield from [first] * still
    yield from [masked] * still
    for k in range(1, fade):
        yield np.asarray(cv2.addWeighted(bare, k / fade, masked, 1 - k / fade, 0), np.uint8)
    yield from [bare] * (still + fade)


def _view(name: str, *, left: int, top: int, width: int) -> Frame:
    """A part of a sample photo in the shape of the video."""
    height = width * SIZE_WH[1] // SIZE_WH[0]
    part = decode_picture(sample_jpg(name))[top : top + height, left : left + width]
    return np.asarray(cv2.resize(part, SIZE_WH, interpolation=cv2.INTER_CUBIC), np.uint8)


def _zoomed(frame: Frame, zoom: float) -> Frame:
    """The picture's upper middle, where the faces are, enlarged to the whole frame."""
    matrix = cv2.getRotationMatrix2D((SIZE_WH[0] / 2, SIZE_WH[1] / 3), 0, zoom)
    return np.asarray(cv2.warpAffine(frame, matrix, SIZE_WH), np.uint8)
