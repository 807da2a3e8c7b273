"""The process that opens a video before the server does; see `realtime.media.video_check`.

It reads one request, a line of JSON, from stdin and answers on stdout with the video's length or an
error. In between it asks for the parts of an upload, `{"read": [start, size]}`, and reads them from
stdin: the file never lies in memory twice.
"""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Any

from realtime.media.video_file import VideoError, count_frames, open_video, picture_stream
from realtime.media.worker_side import answer, end_beyond, ignore_interrupts


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
        answer(read=[self._at, size])
        data = sys.stdin.buffer.read(size)
        self._at += len(data)
        return data


def main() -> None:
    """Answer one request."""
    ignore_interrupts()
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    end_beyond(request["max_bytes"])
    source = Path(request["path"]) if "path" in request else RemoteFile(request["size"])
    try:
        with open_video(source, request["name"]) as container:
            stream = picture_stream(container, request["name"])
            frames, seconds = 0, 0.0
            if request["count_to"] is not None:
                frames, seconds = count_frames(container, stream, most=request["count_to"])
    except VideoError as error:
        answer(error=str(error))
    else:
        answer(frames=frames, seconds=seconds)
