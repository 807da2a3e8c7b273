"""Decoding of still pictures, by content and never by file name.

The files are opened in processes of their own (`realtime.media.decode_pool`): a picture that is
made to take minutes or gigabytes ends such a process, not the server.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from realtime.core.faces import Frame
from realtime.media.decode_pool import decode_pool
from realtime.media.limits import (
    MAX_DECODE_WAIT_S,
    MAX_PHOTO_FILE_BYTES,
    MAX_PHOTO_PIXELS,
    MAX_PHOTO_UPLOAD_BYTES,
)
from realtime.media.picture_errors import BusyError, PictureError, TooLargeError
from realtime.media.picture_memory import PictureMemory

__all__ = [
    "SUFFIXES",
    "BusyError",
    "PictureError",
    "TooLargeError",
    "count_pixels",
    "decode_file",
    "decode_picture",
    "read_picture",
]

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_uploads = PictureMemory()


def read_picture(path: Path | str) -> Frame:
    """Read and decode a picture file; see `decode_picture`.

    The file is the caller's own: it may be larger than an upload, and its pixels do not count
    towards the memory that uploads share.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        PictureError: the file is missing, cannot be read or cannot be decoded.

    Example:
        >>> read_picture("missing.jpg")
        Traceback (most recent call last):
            ...
        realtime.media.picture_errors.PictureError: File not found. Check the path.
    """
    path = Path(path)
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe may never end
            raise PictureError("This is not a regular file. Save the picture to disk first.")
        if path.stat().st_size > MAX_PHOTO_FILE_BYTES:
            raise _too_many_bytes(MAX_PHOTO_FILE_BYTES)
        data = path.read_bytes()
    except FileNotFoundError:
        raise PictureError("File not found. Check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(f"The file cannot be read ({reason}). Check its permissions.") from None
    return decode_file(data)


def decode_file(data: bytes) -> Frame:
    """Decode the bytes of a file that its owner chose; see `read_picture`.

    Raises:
        PictureError: as `read_picture`.
    """
    _check_bytes(data, MAX_PHOTO_FILE_BYTES)
    return decode_pool().decode(data, lambda size: np.empty(size, np.uint8), wait_s=None)


def decode_picture(data: bytes) -> Frame:
    """Decode an uploaded JPEG, PNG or WebP file.

    Grayscale, palette, CMYK, 16-bit and alpha channels are supported. EXIF orientation is applied;
    transparent pixels become white. Keep the picture no longer than needed: until it is freed, its
    pixels count towards the `MAX_DECODED_BYTES` of all uploads.

    Args:
        data: the file's bytes.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        TooLargeError: the file exceeds `MAX_PHOTO_UPLOAD_BYTES` or the picture `MAX_PHOTO_PIXELS`.
        PictureError: the format is not supported, the file is damaged, the picture animated, or
            made so that decoding takes longer than `MAX_DECODE_S` of processor time.
        BusyError: other pictures take all processes or all memory; try again later.
    """
    _check_bytes(data, MAX_PHOTO_UPLOAD_BYTES)
    return decode_pool().decode(data, _uploads.allocate, wait_s=MAX_DECODE_WAIT_S)


def count_pixels(data: bytes) -> int:
    """Width times height as the header of a picture states them, before anything is decoded.

    Args:
        data: the file's bytes.

    Returns:
        0 where `decode_picture` refuses the file for its header.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except Exception:  # Pillow's plugins raise nearly anything on damaged headers
        return 0
    with picture:
        pixels = picture.width * picture.height
    return pixels if pixels <= MAX_PHOTO_PIXELS else 0


def _check_bytes(data: bytes, max_bytes: int) -> None:
    if not data:
        raise PictureError("The file is empty. Choose another one.")
    if len(data) > max_bytes:
        raise _too_many_bytes(max_bytes)


def _too_many_bytes(max_bytes: int) -> TooLargeError:
    return TooLargeError(f"The file is larger than {max_bytes // 1024**2} MB. Use a smaller copy.")
