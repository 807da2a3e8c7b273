"""The process that decodes pictures.

It reads requests from stdin and answers on stdout, for `realtime.media.decode_process`, and ends
when stdin does. A request is the file's length (8 bytes) and the file; the answer is a line of
JSON, either an error or the size. The server then sends `GO`, once it has memory for the pixels, or
`STOP`. After `GO` the answer is an error or the orientation, and after the latter the pixels.
"""

from __future__ import annotations

import sys
import warnings

from realtime.media.limits import MAX_DECODE_BYTES, MAX_DECODE_S
from realtime.media.picture_errors import PictureError, TooLargeError
from realtime.media.picture_file import PictureFile
from realtime.media.worker_side import answer, data_bytes, end_after, fail_beyond, ignore_interrupts

LENGTH_BYTES = 8
GO, STOP = b"+", b"-"
_ROOM_BYTES = 300_000_000  # for libraries, and for what they reserve without using it


def main() -> None:
    """Answer requests until stdin ends."""
    warnings.simplefilter("ignore")  # of damaged EXIF data, which is harmless
    ignore_interrupts()
    own_bytes = data_bytes()
    answer(ready=True)
    while head := sys.stdin.buffer.read(LENGTH_BYTES):
        data = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        # The last line of defence. The libraries may hold copies of the file beside the pixels.
        fail_beyond(own_bytes + 4 * len(data) + MAX_DECODE_BYTES + _ROOM_BYTES)
        end_after(MAX_DECODE_S)
        try:
            _decode(data)
        except PictureError as error:
            answer(error=str(error), too_large=isinstance(error, TooLargeError))
        del data  # an idle process holds no picture


def _decode(data: bytes) -> None:
    picture = PictureFile(data)
    answer(size_wh=picture.size_wh)
    if sys.stdin.buffer.read(1) != GO:
        return
    picture.load()
    answer(orientation=picture.orientation)
    for strip in picture.strips():
        sys.stdout.buffer.write(strip)
    sys.stdout.buffer.flush()
