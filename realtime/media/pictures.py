"""Uploaded or stored still pictures, decoded by their content, never by their name."""

from __future__ import annotations

import io
import warnings
from contextlib import suppress
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageOps

from realtime.core.errors import FaceStreamError
from realtime.core.faces import Frame

MAX_UPLOAD_BYTES = 10 * 1024**2
MAX_FILE_BYTES = 100 * 1024**2  # a file the user owns may be larger; this only guards the memory
MAX_PIXELS = 40_000_000
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_SAVE_AS = "save it as JPEG, PNG or WebP and try again"
# Files people take for pictures, known by their first bytes: (offset, bytes, what it is).
_OTHER_KINDS = (
    (4, b"ftyphei", "a HEIC picture, as phones write them"),
    (4, b"ftypmif1", "a HEIC picture, as phones write them"),
    (4, b"ftypavif", "an AVIF picture"),
    (4, b"ftyp", "a video, not a still picture"),
    (0, b"GIF8", "a GIF"),
    (0, b"BM", "a BMP picture"),
    (0, b"II*\0", "a TIFF picture"),
    (0, b"MM\0*", "a TIFF picture"),
    (0, b"%PDF", "a PDF document"),
)
_KNOWN_STARTS = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (8, b"WEBP"))


class PictureError(FaceStreamError, ValueError):
    """A file that cannot be used as a picture; the message is one sentence that says what to do."""


class TooLargeError(PictureError):
    """A picture of too many bytes or pixels."""


def read_picture(path: Path | str) -> Frame:
    """Read a picture file; see `decode_picture`.

    Raises:
        PictureError: as there, and where the file is missing or cannot be read.

    Example:
        >>> read_picture("missing.jpg")
        Traceback (most recent call last):
            ...
        realtime.media.pictures.PictureError: There is no such file: check the path.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise TooLargeError(_too_heavy(MAX_FILE_BYTES))
        data = path.read_bytes()
    except FileNotFoundError:
        raise PictureError("There is no such file: check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(f"The file cannot be read ({reason}): check its permissions.") from None
    return decode_picture(data, max_bytes=MAX_FILE_BYTES)


def decode_picture(data: bytes, *, max_bytes: int = MAX_UPLOAD_BYTES) -> Frame:
    """Decode a JPEG, PNG or WebP file: gray, palette, CMYK, 16 bits a channel and alpha included.

    The picture is turned as its EXIF data says; what is transparent becomes white.

    Args:
        data: the file's bytes.
        max_bytes: the most bytes accepted.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        TooLargeError: there are too many bytes or pixels.
        PictureError: the bytes are no such picture, are damaged, or show a moving one.
    """
    if not data:
        raise PictureError("The file is empty: choose another one.")
    if len(data) > max_bytes:
        raise TooLargeError(_too_heavy(max_bytes))
    _refuse_other_kinds(data)
    with warnings.catch_warnings():
        # Pillow warns from 89 megapixels on, where we refuse, and of damaged EXIF data, which
        # does no harm.
        warnings.simplefilter("ignore")
        return _decode(data)


def _decode(data: bytes) -> Frame:
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except Image.DecompressionBombError:
        raise TooLargeError(_too_large(None)) from None
    except Exception:  # Pillow's plugins raise nearly anything on damaged headers
        raise PictureError(_damaged(data)) from None
    with picture:
        # A JPEG of several pictures (MPO: with a phone's depth or HDR map) is a still all the same.
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
            raise PictureError(
                "This picture moves: save one of its frames as JPEG, PNG or WebP and try again."
            )
        if picture.width * picture.height > MAX_PIXELS:
            raise TooLargeError(_too_large(picture.size))
        try:
            picture.load()
            _turn_upright(picture)
            return _to_bgr(picture)
        except Exception:  # as above, while the pixels are read
            raise PictureError(_damaged(data)) from None


def _turn_upright(picture: Image.Image) -> None:
    # Damaged EXIF data is no reason to refuse a sound picture.
    with suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)


def _to_bgr(picture: Image.Image) -> Frame:
    if picture.mode.startswith("I"):  # 16-bit gray; Pillow's own conversion would clip, not scale
        wide = np.clip(np.asarray(picture, np.int64), 0, 65535)
        return np.asarray(cv2.cvtColor((wide >> 8).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        picture = Image.alpha_composite(white, rgba)
    # Converting copies even where nothing is to do, and 40 megapixels are 160 MB a copy.
    rgb = np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _refuse_other_kinds(data: bytes) -> None:
    for offset, start, what in _OTHER_KINDS:
        if data[offset : offset + len(start)] == start:
            raise PictureError(f"This is {what}: {_SAVE_AS}.")


def _damaged(data: bytes) -> str:
    if any(data[offset : offset + len(start)] == start for offset, start in _KNOWN_STARTS):
        return "The picture is damaged or cut off: copy or download it again, or choose another."
    return "This is not a picture this program can read: choose a JPEG, PNG or WebP file."


def _too_heavy(max_bytes: int) -> str:
    return f"The file is over {max_bytes // 1024**2} MB: save a smaller copy and try again."


def _too_large(size: tuple[int, int] | None) -> str:
    shown = f" ({size[0]} × {size[1]})" if size else ""
    return f"The picture{shown} has over {MAX_PIXELS // 10**6} megapixels: shrink it and try again."
