"""Uploaded pictures: `decode_picture`, in its processes."""

from __future__ import annotations

from realtime.media import decode_process
from realtime.media.pictures import PictureError, count_pixels, decode_picture
from tests.fuzz.door import Door


def enter(data: bytes) -> None:
    """Decode a picture.

    A damaged file must be refused by the process that decodes it, not end it: the next one takes
    half a second to start.
    """
    pixels = count_pixels(data)
    try:
        frame = decode_picture(data)
    except PictureError as error:
        if str(error) in (decode_process._CRASHED, decode_process._TOO_SLOW):
            raise RuntimeError(f"the decoding process was lost: {error}") from error
        raise
    assert frame.ndim == 3
    assert frame.shape[0] * frame.shape[1] == pixels


DOOR = Door(enter=enter)
