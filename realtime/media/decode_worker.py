"""The process that decodes pictures.

It reads requests from stdin and answers on stdout, for `realtime.media.decode_process`, and ends
when stdin does. A request is the file's length (8 bytes) and the file; the answer is a line of
JSON, either an error or the size. The server then sends `GO`, once it has memory for the pixels, or
`STOP`. After `GO` the answer is an error or the orientation, and after the latter the pixels.
"""

from __future__ import annotations

import json
import math
import signal
import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

from realtime.media.limits import MAX_DECODE_BYTES, MAX_DECODE_S
from realtime.media.picture_errors import PictureError, TooLargeError
from realtime.media.picture_file import PictureFile

LENGTH_BYTES = 8
GO, STOP = b"+", b"-"
_ROOM_BYTES = 300_000_000  # for libraries, and for what they reserve without using it


def main() -> None:
    """Answer requests until stdin ends."""
    warnings.simplefilter("ignore")  # of damaged EXIF data, which is harmless
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    own_bytes = _data_bytes()
    _answer(ready=True)
    while head := sys.stdin.buffer.read(LENGTH_BYTES):
        data = sys.stdin.buffer.read(int.from_bytes(head, "big"))
        # The libraries may hold copies of the file beside the pixels.
        _limit_memory(own_bytes + 4 * len(data) + MAX_DECODE_BYTES + _ROOM_BYTES)
        _limit_time()
        try:
            _decode(data)
        except PictureError as error:
            _answer(error=str(error), too_large=isinstance(error, TooLargeError))
        del data  # an idle process holds no picture


def _decode(data: bytes) -> None:
    picture = PictureFile(data)
    _answer(size_wh=picture.size_wh)
    if sys.stdin.buffer.read(1) != GO:
        return
    picture.load()
    _answer(orientation=picture.orientation)
    for strip in picture.strips():
        sys.stdout.buffer.write(strip)
    sys.stdout.buffer.flush()


def _answer(**message: Any) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _data_bytes() -> int:
    """Memory that counts towards RLIMIT_DATA already (Linux; 0 elsewhere)."""
    with suppress(OSError, IndexError, ValueError):
        import resource

        pages = int(Path("/proc/self/statm").read_text().split()[5])
        return pages * resource.getpagesize()
    return 0


def _limit_memory(max_bytes: int) -> None:
    """Let allocations above this fail; the last line of defence, and only Linux enforces it."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, hard))


def _limit_time() -> None:
    """End the process once it has used `MAX_DECODE_S` from now on, up to a second later (POSIX).

    Time by the clock would refuse large pictures where other processes keep the processors busy.
    """
    with suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # or the picture would be written to disk
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(
            resource.RLIMIT_CPU, (math.ceil(time.process_time() + MAX_DECODE_S), hard)
        )
