"""Decoding of still pictures, by content and never by file name."""

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
from realtime.media.limits import MAX_PHOTO_FILE_BYTES, MAX_PHOTO_PIXELS, MAX_PHOTO_UPLOAD_BYTES

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
_USE_INSTEAD = "Use JPEG, PNG or WebP."
# Signatures of unsupported formats: (offset, bytes, name).
_UNSUPPORTED = (
    (4, b"ftyphei", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypavif", "AVIF"),
    (4, b"ftyp", "video"),
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
)
_SUPPORTED = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (8, b"WEBP"))


class PictureError(FaceStreamError, ValueError):
    """A file that cannot be used as a picture; the message tells the user what to do."""


class TooLargeError(PictureError):
    """A picture with too many bytes or pixels."""


def read_picture(path: Path | str) -> Frame:
    """Read and decode a picture file; see `decode_picture`.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        PictureError: the file is missing, cannot be read or cannot be decoded.

    Example:
        >>> read_picture("missing.jpg")
        Traceback (most recent call last):
            ...
        realtime.media.pictures.PictureError: File not found. Check the path.
    """
    path = Path(path)
    try:
        if path.stat().st_size > MAX_PHOTO_FILE_BYTES:
            raise TooLargeError(_too_many_bytes(MAX_PHOTO_FILE_BYTES))
        data = path.read_bytes()
    except FileNotFoundError:
        raise PictureError("File not found. Check the path.") from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise PictureError(f"The file cannot be read ({reason}). Check its permissions.") from None
    return decode_picture(data, max_bytes=MAX_PHOTO_FILE_BYTES)


def decode_picture(data: bytes, *, max_bytes: int = MAX_PHOTO_UPLOAD_BYTES) -> Frame:
    """Decode a JPEG, PNG or WebP file.

    Grayscale, palette, CMYK, 16-bit and alpha channels are supported. EXIF orientation is applied;
    transparent pixels become white.

    Args:
        data: the file's bytes.
        max_bytes: maximum size of the file.

    Returns:
        (h, w, 3) uint8 BGR.

    Raises:
        TooLargeError: the file exceeds `max_bytes` or the picture `MAX_PHOTO_PIXELS`.
        PictureError: the format is not supported, the file is damaged or the picture animated.
    """
    if not data:
        raise PictureError("The file is empty. Choose another one.")
    if len(data) > max_bytes:
        raise TooLargeError(_too_many_bytes(max_bytes))
    _refuse_unsupported(data)
    with warnings.catch_warnings():
        # Pillow warns above 89 megapixels, which are refused here, and of damaged EXIF data, which
        # is harmless.
        warnings.simplefilter("ignore")
        return _decode(data)


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
    except Exception:  # see _decode
        return 0
    with picture:
        pixels = picture.width * picture.height
    return pixels if pixels <= MAX_PHOTO_PIXELS else 0


def _decode(data: bytes) -> Frame:
    try:
        picture = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except Image.DecompressionBombError:
        raise TooLargeError(_too_many_pixels(None)) from None
    except Exception:  # Pillow's plugins raise nearly anything on damaged headers
        raise PictureError(_undecodable(data)) from None
    with picture:
        # MPO is a JPEG with more pictures attached, such as a phone's depth or HDR map.
        if picture.format != "MPO" and getattr(picture, "n_frames", 1) > 1:
            raise PictureError(
                "Animated pictures are not supported. Save one frame as JPEG, PNG or WebP."
            )
        if picture.width * picture.height > MAX_PHOTO_PIXELS:
            raise TooLargeError(_too_many_pixels(picture.size))
        try:
            picture.load()
            _apply_orientation(picture)
            return _to_bgr(picture)
        except Exception:  # as above, while the pixels are read
            raise PictureError(_undecodable(data)) from None


def _apply_orientation(picture: Image.Image) -> None:
    # Damaged EXIF data is no reason to refuse an intact picture.
    with suppress(Exception):
        ImageOps.exif_transpose(picture, in_place=True)


def _to_bgr(picture: Image.Image) -> Frame:
    if picture.mode.startswith("I"):  # 16-bit; Pillow's own conversion clips instead of scaling
        wide = np.clip(np.asarray(picture, np.int64), 0, 65535)
        return np.asarray(cv2.cvtColor((wide >> 8).astype(np.uint8), cv2.COLOR_GRAY2BGR), np.uint8)
    if picture.has_transparency_data:
        rgba = picture.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        picture = Image.alpha_composite(white, rgba)
    # convert() copies even if the mode is right, and a copy of 40 megapixels takes 160 MB.
    rgb = np.asarray(picture if picture.mode == "RGB" else picture.convert("RGB"))
    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), np.uint8)


def _refuse_unsupported(data: bytes) -> None:
    for offset, signature, name in _UNSUPPORTED:
        if data[offset : offset + len(signature)] == signature:
            raise PictureError(f"Unsupported file ({name}). {_USE_INSTEAD}")


def _undecodable(data: bytes) -> str:
    if any(data[offset : offset + len(start)] == start for offset, start in _SUPPORTED):
        return "The picture is damaged or incomplete. Copy or download it again."
    return f"Unsupported file. {_USE_INSTEAD}"


def _too_many_bytes(max_bytes: int) -> str:
    return f"The file is larger than {max_bytes // 1024**2} MB. Use a smaller copy."


def _too_many_pixels(size_wh: tuple[int, int] | None) -> str:
    size = f" ({size_wh[0]} × {size_wh[1]})" if size_wh else ""
    megapixels = MAX_PHOTO_PIXELS // 10**6
    return f"The picture{size} exceeds {megapixels} megapixels. Resize it and try again."
