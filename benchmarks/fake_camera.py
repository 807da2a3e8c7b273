"""A fake webcam for Chromium: moving faces with the frame number encoded in each frame.

The number is a strip of 18 blocks along the bottom edge: white, black, then 16 bits. A page that
sees both the camera and what the server sends back can match the frames by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.sample_faces import sample_photos
from realtime.core.faces import Frame

NUMBER_BITS = 16
SIZE_WH = (640, 480)


def moving_faces(
    faces: int, frames: int, *, fps: int = 30, size_wh: tuple[int, int] = SIZE_WH
) -> Iterator[Frame]:
    """Generate frames of `faces` heads that sway and change in size, (h, w, 3) uint8 BGR.

    The motion ends where it began, so the video can be looped.
    """
    width, height = size_wh
    astronaut, hopper = sample_photos()
    heads = (
        np.ascontiguousarray(astronaut[0:300, 80:370]),
        np.ascontiguousarray(hopper[0:480, 20:490]),
    )
    column = width // max(faces, 1)
    for n in range(frames):
        frame = np.full((height, width, 3), (96, 104, 108), np.uint8)
        for i in range(faces):
            # A whole number of periods, of about 4 s each, makes the video loop.
            periods = max(1, round(frames / (4 * fps)))
            phase = 2 * math.pi * (periods * n / frames + i / 3)
            side = min(column - 24, 330) * (0.9 + 0.08 * math.sin(phase))
            head = heads[i % len(heads)]
            x = column * (i + 0.5) + 10 * math.cos(phase)
            y = height * 0.46 + 14 * math.sin(2 * phase)
            scale = side / head.shape[1]
            matrix = np.array(
                [[scale, 0, x - scale * head.shape[1] / 2],
                 [0, scale, y - scale * head.shape[0] / 2]]
            )  # fmt: skip
            cv2.warpAffine(head, matrix, (width, height), frame, cv2.INTER_LINEAR,
                           cv2.BORDER_TRANSPARENT)  # fmt: skip
        yield frame


def encode_number(frame_bgr: Frame, number: int) -> None:
    """Draw the number along the bottom edge of the frame, in place."""
    height, width = frame_bgr.shape[:2]
    block = width // 32
    bits = [1, 0, *((number >> i) & 1 for i in range(NUMBER_BITS))]
    for i, bit in enumerate(bits):
        frame_bgr[height - block :, i * block : (i + 1) * block] = 255 * bit


def write_camera(
    path: Path, *, faces: int, seconds: float, fps: int = 30, size_wh: tuple[int, int] = SIZE_WH
) -> Path:
    """Write a video for `--use-file-for-fake-video-capture`: MJPEG, 4:2:0, full range."""
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=fps)
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuvj420p"
        stream.options = {"qmin": "2", "qmax": "4"}
        frames = moving_faces(faces, round(seconds * fps), fps=fps, size_wh=size_wh)
        for n, frame_bgr in enumerate(frames):
            encode_number(frame_bgr, n)
            frame = av.VideoFrame.from_ndarray(frame_bgr, format="bgr24")
            frame = frame.reformat(format="yuvj420p")
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
