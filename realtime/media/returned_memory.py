"""Pixels whose memory goes back to the system while they are read, from the top downwards.

Without this, the largest picture lies in two processes at once: 160 MB here and 120 MB there.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable

from PIL import Image, _imaging

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
