"""Text on plates of one colour, put together from characters that are rendered once.

Drawing text anew for every frame takes OpenCV up to 0.8 ms per line.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.attribute.registry import Colour
from realtime.core.arrays import Frame
from realtime.render.layout import Sizes

_FONT = cv2.FONT_HERSHEY_DUPLEX
BASELINE = 1.25  # of the space at the sides, below the letters
MAX_CACHED = 2048  # characters: about 100, in a few colours and sizes, below 1 KB each
MAX_CACHED_LINES = 64  # below 20 KB each: most stay the same for some frames
Plate = NDArray[np.uint8]


@lru_cache(maxsize=MAX_CACHED_LINES)
def text_plate(text: str, sizes: Sizes, paper: Colour, ink: Colour) -> Plate:
    """One line of text on a plate.

    Args:
        text: characters that OpenCV's Hershey fonts have.
        sizes: of the picture that it is written on.
        paper: colour of the plate.
        ink: colour of the text.

    Returns:
        (h, w, 3) uint8, read-only, h the same for every text of those sizes.
    """
    parts = [_tile(character, sizes, paper, ink) for character in text]
    margin = _blank(sizes.pad_px, sizes, paper)
    plate: Plate = np.concatenate([margin, *parts, margin], axis=1)
    plate.flags.writeable = False
    return plate


def paste(frame_bgr: Frame, plate: Plate, left: int, top: int) -> None:
    """Copy the part of the plate that lies within the frame; `left` and `top` are at least 0."""
    target = frame_bgr[top : top + plate.shape[0], left : left + plate.shape[1]]
    target[:] = plate[: target.shape[0], : target.shape[1]]


@lru_cache(maxsize=MAX_CACHED)
def _tile(character: str, sizes: Sizes, paper: Colour, ink: Colour) -> Plate:
    # Ten of them: the width of one is rounded to whole pixels.
    width = round(cv2.getTextSize(character * 10, _FONT, sizes.font, 1)[0][0] / 10)
    tile = _blank(width, sizes, paper).copy()
    origin = (0, sizes.row_px - round(BASELINE * sizes.pad_px))
    cv2.putText(tile, character, origin, _FONT, sizes.font, ink, 1, cv2.LINE_AA)
    return tile


@lru_cache(maxsize=64)
def _blank(width: int, sizes: Sizes, colour: Colour) -> Plate:
    return np.full((sizes.row_px, width, 3), colour, np.uint8)
