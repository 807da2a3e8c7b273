"""What decoding a JPEG will cost, from its markers alone."""

from __future__ import annotations

import re

from PIL.JpegImagePlugin import JpegImageFile

from realtime.media.limits import MAX_JPEG_SCANS
from realtime.media.picture_errors import PictureError

_COEFFICIENT_BYTES = 2
# Inside a scan, 0xFF is followed by 0 (data) or by one of eight restart markers.
_MARKER = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])")
_START_OF_SCAN, _END_OF_IMAGE = b"\xda", b"\xd9"


def count_scans(data: bytes) -> int:
    """Number of scans of the first picture in a JPEG file; counting ends above `MAX_JPEG_SCANS`.

    The embedded previews of cameras, and further pictures in the file, have scans of their own.
    """
    scans, position = 0, len(b"\xff\xd8")
    while scans <= MAX_JPEG_SCANS:
        found = _MARKER.search(data, position)
        if found is None or found[1] == _END_OF_IMAGE:
            break
        scans += found[1] == _START_OF_SCAN
        position = found.end() + int.from_bytes(data[found.end() : found.end() + 2], "big")
    return scans


def coefficient_bytes(picture: JpegImageFile, data: bytes) -> int:
    """Memory for the coefficients, which libjpeg keeps until the last scan has been read.

    Args:
        picture: opened, not loaded.
        data: the file.

    Returns:
        0 for a JPEG of one scan, which is decoded row by row.

    Raises:
        PictureError: there are more than `MAX_JPEG_SCANS` scans. A file of 180 KB can have
            thousands, each a pass over all pixels.
    """
    scans = count_scans(data)
    if scans > MAX_JPEG_SCANS:
        raise PictureError(
            f"This JPEG has more than {MAX_JPEG_SCANS} scans. Save it again as JPEG, PNG or WebP."
        )
    if scans <= 1 and "progressive" not in picture.info:
        return 0
    sampling = [(h, v) for _, h, v, _ in picture.layer]
    full = max((h for h, _ in sampling), default=0) * max((v for _, v in sampling), default=0)
    if full == 0:
        return 0  # damaged: libjpeg refuses it before it allocates anything
    samples = picture.width * picture.height * sum(h * v for h, v in sampling) / full
    return round(samples * _COEFFICIENT_BYTES)
