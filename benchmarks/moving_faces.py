"""Frames with a known number of moving faces, made from two pictures in `benchmarks/heads`."""

from __future__ import annotations

import math
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from realtime.core.faces import Frame

HEADS = Path(__file__).parent / "heads"
FILL_RATIO = 0.86  # of the frame's width and height; the margin leaves room for motion
PERIOD_FRAMES = 90  # the motion repeats after three seconds at 30 fps


def head_crops() -> list[Frame]:
    """Square pictures (s, s, 3) of two people's heads, in the public domain.

    They are cut from scikit-image's astronaut (NASA) and Matplotlib's Grace Hopper (US Navy), and
    stored here so that the latency benchmark runs with what `make app` installs.

    Raises:
        RuntimeError: a picture is missing.
    """
    heads = []
    for name in ("astronaut", "hopper"):
        path = HEADS / f"{name}.png"
        picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if picture is None:
            raise RuntimeError(f"{path} cannot be read: restore it from the repository.")
        heads.append(np.asarray(picture, np.uint8))
    return heads


def scene(faces: int, size_wh: tuple[int, int]) -> Frame:
    """A still image with `faces` faces in a grid and a margin on each side."""
    width, height = size_wh
    canvas = np.full((height, width, 3), (206, 214, 210), np.uint8)
    columns = max(range(1, faces + 1), key=lambda n: _max_side(faces, n, size_wh))
    rows = math.ceil(faces / columns)
    cell_w, cell_h = FILL_RATIO * width / columns, FILL_RATIO * height / rows
    side = int(_max_side(faces, columns, size_wh))
    for i, head in zip(range(faces), cycle(head_crops()), strict=False):
        x = int((1 - FILL_RATIO) / 2 * width + (i % columns + 0.5) * cell_w - side / 2)
        y = int((1 - FILL_RATIO) / 2 * height + (i // columns + 0.5) * cell_h - side / 2)
        canvas[y : y + side, x : x + side] = cv2.resize(
            head, (side, side), interpolation=cv2.INTER_AREA
        )
    return canvas


def moving_frames(
    faces: int, size_wh: tuple[int, int], *, count: int = PERIOD_FRAMES
) -> list[Frame]:
    """The scene as seen by a hand-held camera: slightly panned, scaled and tilted in each frame.

    The motion is periodic, so the list can be looped.
    """
    still = scene(faces, size_wh)
    width, height = size_wh
    frames = []
    for k in range(count):
        phase = 2 * math.pi * k / count
        matrix = cv2.getRotationMatrix2D(
            (width / 2, height / 2), 2 * math.sin(phase), 1 + 0.04 * math.cos(2 * phase)
        )
        matrix[0, 2] += 0.04 * width * math.sin(phase)
        matrix[1, 2] += 0.04 * height * math.sin(2 * phase)
        moved = cv2.warpAffine(still, matrix, size_wh, borderMode=cv2.BORDER_REPLICATE)
        frames.append(np.asarray(moved, np.uint8))
    return frames


def _max_side(faces: int, columns: int, size_wh: tuple[int, int]) -> float:
    """The largest side in pixels of a face in a grid with this many columns."""
    rows = math.ceil(faces / columns)
    return 0.96 * FILL_RATIO * min(size_wh[0] / columns, size_wh[1] / rows)
