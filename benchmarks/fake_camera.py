"""A webcam that Chromium can play: real faces from wheels in motion, each frame stamped.

The stamp is a strip of 18 blocks along the bottom edge (white, black, 16 bits of the frame's
number). A page that sees both the camera and what the server sends back pairs the frames by it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
CODE_BITS = 16
SIZE_WH = (640, 480)


def wheel_faces() -> list[Picture]:
    """Two real faces with some room about them, BGR, from scikit-image and Matplotlib."""
    import matplotlib
    from skimage import data

    astronaut = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)[0:300, 80:370]
    path = Path(matplotlib.get_data_path()) / "sample_data" / "grace_hopper.jpg"
    hopper = cv2.imread(str(path))[0:480, 20:490]
    return [np.ascontiguousarray(p, dtype=np.uint8) for p in (astronaut, hopper)]


def moving_faces(faces: int, frames: int, *, fps: int = 30) -> Iterator[Picture]:
    """Frames of `faces` heads that sway and come and go in size, (480, 640, 3) BGR.

    The path closes on itself after `frames` frames, so that the film may loop.
    """
    width, height = SIZE_WH
    pictures = wheel_faces()
    column = width // max(faces, 1)
    for n in range(frames):
        frame = np.full((height, width, 3), (96, 104, 108), np.uint8)
        for i in range(faces):
            # A whole number of periods of about 4 s in the film.
            turns = max(1, round(frames / (4 * fps)))
            phase = 2 * math.pi * (turns * n / frames + i / 3)
            side = min(column - 24, 330) * (0.9 + 0.08 * math.sin(phase))
            source = pictures[i % len(pictures)]
            x = column * (i + 0.5) + 10 * math.cos(phase)
            y = height * 0.46 + 14 * math.sin(2 * phase)
            scale = side / source.shape[1]
            matrix = np.array(
                [[scale, 0, x - scale * source.shape[1] / 2],
                 [0, scale, y - scale * source.shape[0] / 2]]
            )  # fmt: skip
            cv2.warpAffine(source, matrix, (width, height), frame, cv2.INTER_LINEAR,
                           cv2.BORDER_TRANSPARENT)  # fmt: skip
        yield frame


def stamp(frame_bgr: Picture, number: int) -> None:
    """Write the number along the bottom edge of the frame itself."""
    height, width = frame_bgr.shape[:2]
    block = width // 32
    bits = [1, 0, *((number >> i) & 1 for i in range(CODE_BITS))]
    for i, bit in enumerate(bits):
        frame_bgr[height - block :, i * block : (i + 1) * block] = 255 * bit


def write_camera(path: Path, *, faces: int, seconds: float, fps: int = 30) -> Path:
    """Write a film for `--use-file-for-fake-video-capture`: MJPEG in 4:2:0 full range."""
    with av.open(str(path), "w", format="mjpeg") as container:
        stream = container.add_stream("mjpeg", rate=fps)
        stream.width, stream.height = SIZE_WH
        stream.pix_fmt = "yuvj420p"
        stream.options = {"qmin": "2", "qmax": "4"}
        for n, picture in enumerate(moving_faces(faces, round(seconds * fps), fps=fps)):
            stamp(picture, n)
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuvj420p")
            frame.pts = n
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path
