"""Pixels whose memory goes back to the system while they are read, from the top downwards.

Without this, the largest picture lies in two processes at once: 160 MB here and 120 MB there.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PIL import Image, _imaging

if TYPE_CHECKING:  # NumPy takes 20 MB, and most pictures do without it
    import numpy as np
    from numpy.typing import NDArray

_PIXEL_BYTES = {"RGB": 4, "RGBA": 4, "LA": 4, "CMYK": 4, "I;16": 2}  # in Pillow's memory


def give_back_rows(picture: Image.Image) -> Callable[[int], None]:
    """Put the pixels of a picture, before it is loaded, into memory that can be given back.

    Args:
        picture: opened, not loaded.

    Returns:
        Frees the rows above the given one; does nothing where the system or Pillow has no such
        memory.
    """
    flags = getattr(mmap, "MAP_PRIVATE", 0) | getattr(mmap, "MAP_ANONYMOUS", 0)
    row_bytes = picture.width * _PIXEL_BYTES.get(picture.mode, 0)
    if not row_bytes or not flags or not hasattr(mmap, "MADV_DONTNEED"):
        return lambda row: None
    memory = mmap.mmap(-1, row_bytes * picture.height, flags=flags)
    layout = (picture.mode, row_bytes, 1)
    try:
        # As Pillow itself does for files of raw pixels.
        picture.im = _imaging.map_buffer(memory, picture.size, "raw", 0, layout)
    except (AttributeError, TypeError, ValueError):  # another version of Pillow
        return lambda row: None
    freed = 0

    def free(row: int) -> None:
        nonlocal freed
        end = row * row_bytes // mmap.PAGESIZE * mmap.PAGESIZE
        if end > freed:
            memory.madvise(mmap.MADV_DONTNEED, freed, end - freed)
            freed = end

    return free


def give_back_array_rows(pixels: NDArray[np.uint8]) -> Callable[[int], None]:
    """The same for an array that nobody else refers to, such as a picture decoded by OpenCV.

    Args:
        pixels: (h, w, c), in one piece.

    Returns:
        Frees the rows above the given one, whose values are lost; does nothing where the system
        cannot do that.
    """
    if not hasattr(mmap, "MADV_DONTNEED") or not pixels.flags.c_contiguous:
        return lambda row: None
    import ctypes

    madvise: Any = ctypes.CDLL(None).madvise
    madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    start, row_bytes = pixels.ctypes.data, pixels.strides[0]
    freed = -(-start // mmap.PAGESIZE) * mmap.PAGESIZE  # the page before holds other data too

    def free(row: int) -> None:
        nonlocal freed
        end = (start + row * row_bytes) // mmap.PAGESIZE * mmap.PAGESIZE
        if end > freed:
            madvise(freed, end - freed, mmap.MADV_DONTNEED)
            freed = end

    return free
