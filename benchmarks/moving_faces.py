"""Frames with a known number of moving faces, made from two pictures in `benchmarks/heads`."""

from __future__ import annotations

import math
from itertools import cycle
from pathlib import Path

import cv2
import numpy as np

from realtime.core.faces import Frame

HEADS = Path(__file__).parent / "heads"
FILLED = 0.86  # of the frame's width and height: the rest is room to move
PERIOD = 90  # frames after which the motion repeats: three seconds at 30 a second


def sources() -> list[Frame]:
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
    """A still with that many faces in a grid, a little of the frame left free on each side."""
    width, height = size_wh
    canvas = np.full((height, width, 3), (206, 214, 210), np.uint8)
    columns = max(range(1, faces + 1), key=lambda n: _side(faces, n, size_wh))
    rows = math.ceil(faces / columns)
    cell_w, cell_h = FILLED * width / columns, FILLED * height / rows
    side = int(_side(faces, columns, size_wh))
    for i, source in zip(range(faces), cycle(sources()), strict=False):
        x = int((1 - FILLED) / 2 * width + (i % columns + 0.5) * cell_w - side / 2)
        y = int((1 - FILLED) / 2 * height + (i // columns + 0.5) * cell_h - side / 2)
        canvas[y : y + side, x : x + side] = cv2.resize(
            source, (side, side), interpolation=cv2.INTER_AREA
        )
    return canvas


def moving_frames(faces: int, size_wh: tuple[int, int], *, count: int = PERIOD) -> list[Frame]:
    """The scene panned, scaled and tilted a little from frame to frame, as a hand-held camera does.

    The motion closes on itself, so the list may be run through again and again.
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


def _side(faces: int, columns: int, size_wh: tuple[int, int]) -> float:
    """How large a face can be in a grid of that many columns."""
    rows = math.ceil(faces / columns)
    return 0.96 * FILLED * min(size_wh[0] / columns, size_wh[1] / rows)
