"""Picture files as strips of pixels: the part of decoding that runs in a process of its own."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from PIL import ExifTags, Image
from PIL.JpegImagePlugin import JpegImageFile

from realtime.media.jpeg import coefficient_bytes
from realtime.media.limits import MAX_DECODE_BYTES, MAX_PHOTO_PIXELS, MAX_PHOTO_SIDE_PX
from realtime.media.picture_errors import PictureError, TooLargeError
from realtime.media.returned_memory import give_back_array_rows, give_back_rows

STRIP_BYTES = 1024**2  # of pixels that are converted at once
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
_STORED_BYTES = 4  # per pixel in Pillow, whether three or four channels are used


class PictureFile:
    """A JPEG, PNG or WebP file, checked but not yet decoded.

    Args:
        data: the file.

    Attributes:
        size_wh: as stored, before `orientation` is applied.
        orientation: EXIF's, 1 to 8; known after `load`.

    Raises:
        TooLargeError: there are more than `MAX_PHOTO_PIXELS` pixels, or a side is too long.
        PictureError: the format is not supported, the header damaged or the picture animated.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._picture = _open(data)
        self.size_wh = self._picture.size
        self.orientation = 1
        # MPO is a JPEG with more pictures attached, such as a phone's depth or HDR map.
        if self._picture.format != "MPO" and getattr(self._picture, "n_frames", 1) > 1:
            raise PictureError(
                "Animated pictures are not supported. Save one frame as JPEG, PNG or WebP."
            )
        width, height = self.size_wh
        if width * height > MAX_PHOTO_PIXELS:
            raise _too_many_pixels(f" ({width} × {height})")
        if max(self.size_wh) > MAX_PHOTO_SIDE_PX:
            raise TooLargeError(
                f"The picture ({width} × {height}) is longer than {MAX_PHOTO_SIDE_PX} pixels. "
                "Crop or resize it and try again."
            )
        if isinstance(self._picture, JpegImageFile):
            needed = width * height * _STORED_BYTES + coefficient_bytes(self._picture, data)
            if needed > MAX_DECODE_BYTES:
                self._picture.draft(None, (max(1, width // 2), max(1, height // 2)))

    def load(self) -> None:
        """Decode the pixels.

        Raises:
            PictureError: the file is damaged or takes too much memory.
        """
        try:
            self._rows = self._webp() if self._picture.format == "WEBP" else self._loaded()
        except MemoryError:
            raise PictureError("The picture takes too much memory. Use a smaller copy.") from None
        except Exception:  # Pillow's plugins raise nearly anything on damaged pixels
            raise PictureError(_undecodable(self._data)) from None

    def strips(self) -> Iterator[bytes]:
        """The loaded pixels as packed BGR, row by row from the top, at most `STRIP_BYTES` each.

        A conversion of the whole picture would hold it twice or three times.
        """
        width, height = self.size_wh
        step = strip_rows(width)
        for top in range(0, height, step):
            yield _bgr(self._rows(top, min(top + step, height)))

    def _loaded(self) -> Callable[[int, int], Image.Image]:
        picture, (width, height) = self._picture, self.size_wh
        free_above = give_back_rows(picture)
        picture.load()
        self._read_orientation()  # PNG may have it after the pixels
        if picture.size == self.size_wh:

            def rows(top: int, bottom: int) -> Image.Image:
                free_above(top)
                return picture.crop((0, top, width, bottom))

            return rows
        scale = picture.height / height  # a JPEG decoded at half its size
        return lambda top, bottom: picture.resize(
            (width, bottom - top),
            Image.Resampling.BILINEAR,
            (0, top * scale, picture.width, bottom * scale),
        )

    def _webp(self) -> Callable[[int, int], Image.Image]:
        # Pillow's decoder is for animations and holds the picture four times: 600 MB.
        import cv2
        import numpy as np

        self._read_orientation()
        channels = len(self._picture.mode)  # RGB or RGBA
        del self._picture  # and with it the decoder's memory
        cv2.setNumThreads(1)
        width, height = self.size_wh
        pixels: Any = np.empty((height, width, channels), np.uint8)
        if hasattr(os, "memfd_create"):  # `imdecode` copies its result, `imread` need not
            with os.fdopen(os.memfd_create("picture"), "wb") as file:
                file.write(self._data)
                file.flush()
                pixels = cv2.imread(f"/proc/self/fd/{file.fileno()}", pixels, cv2.IMREAD_UNCHANGED)
        else:
            pixels = cv2.imdecode(np.frombuffer(self._data, np.uint8), cv2.IMREAD_UNCHANGED)
        if pixels is None:
            raise ValueError("damaged WebP picture")
        if pixels.shape[1::-1] != self.size_wh:
            raise ValueError(f"decoded {pixels.shape[1::-1]}, expected {self.size_wh}")
        mode, order = ("RGBA", "BGRA") if pixels.shape[2] == 4 else ("RGB", "BGR")

        free_above = give_back_array_rows(pixels)

        def rows(top: int, bottom: int) -> Image.Image:
            free_above(top)
            part = pixels[top:bottom].tobytes()
            return Image.frombytes(mode, (width, bottom - top), part, "raw", order)

        return rows

    def _read_orientation(self) -> None:
        with suppress(Exception):  # damaged EXIF data is no reason to refuse an intact picture
            value: Any = self._picture.getexif().get(ExifTags.Base.Orientation)
            self.orientation = value if value in range(1, 9) else 1


def strip_rows(width_px: int) -> int:
    """How many rows of this width a strip has; at least one."""
    return max(1, STRIP_BYTES // (3 * width_px))


def _open(data: bytes) -> Image.Image:
    for offset, signature, name in _UNSUPPORTED:
        if data[offset : offset + len(signature)] == signature:
            raise PictureError(f"Unsupported file ({name}). {_USE_INSTEAD}")
    try:
        return Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except Exception:  # Pillow's plugins raise nearly anything on damaged headers
        raise PictureError(_undecodable(data)) from None


def _bgr(part: Image.Image) -> bytes:
    if part.mode == "I;16":  # Pillow's own conversion clips instead of scaling
        part = Image.frombytes("L", part.size, part.tobytes()[1::2])
    if part.has_transparency_data:
        part = part.convert("RGBA")
        part = Image.alpha_composite(Image.new("RGBA", part.size, "white"), part)
    if part.mode != "RGB":
        part = part.convert("RGB")  # which would copy an RGB strip too
    return part.tobytes("raw", "BGR")


def _undecodable(data: bytes) -> str:
    if any(data[offset : offset + len(start)] == start for offset, start in _SUPPORTED):
        return "The picture is damaged or incomplete. Copy or download it again."
    return f"Unsupported file. {_USE_INSTEAD}"


def _too_many_pixels(size: str = "") -> TooLargeError:
    megapixels = MAX_PHOTO_PIXELS // 10**6
    return TooLargeError(
        f"The picture{size} exceeds {megapixels} megapixels. Resize it and try again."
    )
