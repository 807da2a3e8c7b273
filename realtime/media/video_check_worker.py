"""The process that opens a video before the server does; see `realtime.media.video_check`.

It reads one request, a line of JSON, from stdin and answers on stdout with the video's length or an
error. In between it asks for the parts of an upload, `{"read": [start, size]}`, and reads them from
stdin: the file never lies in memory twice.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from realtime.media.video_file import VideoError, count_frames, open_video, picture_stream

TOO_MUCH_MEMORY = 86  # exit code
_WATCH_S = 0.005
_STATM = Path("/proc/self/statm")


class RemoteFile(io.RawIOBase):
    """A file of the server's, read through stdin and stdout.

    Args:
        size: its length in bytes.
    """

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Move to an offset from the start, the current position or the end."""
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        """The current position."""
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes; fewer only at the end."""
        left = max(0, self._size - self._at)
        size = left if size < 0 else min(size, left)
        if not size:
            return b""
        _answer(read=[self._at, size])
        data = sys.stdin.buffer.read(size)
        self._at += len(data)
        return data


def main() -> None:
    """Answer one request."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    _end_beyond(request["max_bytes"])
    source = Path(request["path"]) if "path" in request else RemoteFile(request["size"])
    try:
        with open_video(source, request["name"]) as container:
            stream = picture_stream(container, request["name"])
            frames, seconds = 0, 0.0
            if request["count_to"] is not None:
                frames, seconds = count_frames(container, stream, most=request["count_to"])
    except VideoError as error:
        _answer(error=str(error))
    else:
        _answer(frames=frames, seconds=seconds)


def _answer(**message: Any) -> None:
    sys.stdout.buffer.write(json.dumps(message).encode() + b"\n")
    sys.stdout.buffer.flush()


def _end_beyond(max_bytes: int) -> None:
    """End this process once it has taken that much memory from now on (Linux).

    A limit by the system would make single allocations fail. FFmpeg then drops the table in
    question and goes on, and the file would pass, although the server has no such limit.
    """
    if not _STATM.is_file():
        return
    own_bytes = _resident_bytes()

    def watch() -> None:
        while _resident_bytes() - own_bytes < max_bytes:
            time.sleep(_WATCH_S)
        os._exit(TOO_MUCH_MEMORY)

    threading.Thread(target=watch, daemon=True).start()


def _resident_bytes() -> int:
    return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
