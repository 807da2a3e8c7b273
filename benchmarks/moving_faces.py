"""Frames with a known number of faces in motion, made from the pictures that wheels carry."""

from __future__ import annotations

import math
from itertools import cycle

import cv2
import numpy as np

from realtime.core.faces import Frame

# (left, top, side) of a square about the head in each source picture.
_ASTRONAUT, _HOPPER = (138, 30, 172), (88, 50, 350)
FILLED = 0.86  # of the frame's width and height: the rest is room to move
PERIOD = 90  # frames after which the motion repeats: three seconds at 30 a second


def sources() -> list[Frame]:
    """Square pictures of two people's heads.

    Raises:
        RuntimeError: a package that carries one is missing.
    """
    try:
        from matplotlib import cbook
        from skimage import data
    except ModuleNotFoundError as error:
        raise RuntimeError(
            "its faces come from two packages: pip install matplotlib scikit-image."
        ) from error

    astronaut = cv2.cvtColor(data.astronaut(), cv2.COLOR_RGB2BGR)
    path = cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    hopper = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return [
        np.asarray(picture[y : y + side, x : x + side], np.uint8)
        for picture, (x, y, side) in ((astronaut, _ASTRONAUT), (hopper, _HOPPER))
    ]


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
