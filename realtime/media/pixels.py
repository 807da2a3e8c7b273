"""Pictures as decoders give them out, and what drawing has changed on them.

Pixels are either planes, (h * 3 / 2, w) uint8 as OpenCV lays out I420 (half the bytes of BGR, and
what encoders take), or, for pictures that do not come as such planes, (h, w, 3) uint8 BGR.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.core.arrays import Frame

Pixels = NDArray[np.uint8]
Mask = NDArray[np.uint8]


def is_planes(pixels: Pixels) -> bool:
    """Whether these are planes of luma and chroma."""
    return pixels.ndim == 2


def pixels_to_bgr(pixels: Pixels) -> Frame:
    """A picture (h, w, 3) uint8 BGR of its own."""
    if is_planes(pixels):
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_YUV2BGR_I420), np.uint8)
    return pixels.copy()


def bgr_to_pixels(frame_bgr: Frame, *, planes: bool) -> Pixels:
    """The pixels of a picture; planes need even sides."""
    if planes:
        return np.asarray(cv2.cvtColor(frame_bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return frame_bgr


def flip(pixels: Pixels) -> Pixels:
    """The pixels of the picture flipped left to right."""
    flipped = np.empty_like(pixels)
    if is_planes(pixels):
        for source, target in zip(_split(pixels), _split(flipped), strict=True):
            cv2.flip(source, 1, dst=target)
    else:
        cv2.flip(pixels, 1, dst=flipped)
    return flipped


def changed(before_bgr: Frame, after_bgr: Frame, *, planes: bool) -> Mask:
    """Where two pictures differ.

    Args:
        before_bgr: (h, w, 3) uint8.
        after_bgr: likewise.
        planes: whether the mask is for planes; it then has their shape, otherwise (h, w).

    Returns:
        uint8, 255 where the pictures differ and 0 elsewhere. A sample of chroma differs where one
        of its four pixels does.
    """
    differs = cv2.compare(before_bgr, after_bgr, cv2.CMP_NE)
    grey = cv2.cvtColor(differs, cv2.COLOR_BGR2GRAY)  # not 0 where any of the three is not
    luma = np.asarray(cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY)[1], np.uint8)
    if not planes:
        return luma
    height, width = luma.shape
    mask = np.empty((height * 3 // 2, width), np.uint8)
    whole, first, second = _split(mask)
    whole[:] = luma
    mean = cv2.resize(luma, (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    cv2.threshold(mean, 0, 255, cv2.THRESH_BINARY, dst=first)
    second[:] = first
    return mask


def paste(source: Pixels, mask: Mask, target: Pixels) -> None:
    """Copy the pixels that the mask selects, in place; all of the same picture size."""
    cv2.copyTo(source, mask, target)


def _split(planes: Pixels) -> tuple[Pixels, Pixels, Pixels]:
    """Views of the three planes: (h, w) and twice (h / 2, w / 2)."""
    rows, width = planes.shape
    height = rows * 2 // 3
    flat, luma, chroma = planes.reshape(-1), height * width, height * width // 4
    half = (height // 2, width // 2)
    return (
        planes[:height],
        flat[luma : luma + chroma].reshape(half),
        flat[luma + chroma :].reshape(half),
    )
