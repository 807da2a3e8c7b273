"""Opening of videos in a process with limits, before the server itself opens them.

FFmpeg builds tables when it opens a file, from numbers that the file states: 24 bytes may stand for
ten million frames, which take 700 MB. What takes too much ends the process in
`realtime.media.video_check_worker`; what passes costs the server no more than it cost there.
"""

from __future__ import annotations

import json
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realtime.media import limits
from realtime.media.video_file import VideoError, check_is_file
from realtime.media.worker_process import WorkerProcess
from realtime.media.worker_side import TOO_MUCH_MEMORY

_WORKER = "realtime.media.video_check_worker"
_slots = threading.BoundedSemaphore(limits.VIDEO_CHECKS)


@dataclass(frozen=True, kw_only=True, slots=True)
class VideoLength:
    """How long a video is, up to a damaged end.

    Attributes:
        frames: number of frames; beyond the limit it is not counted on. 0 if not counted.
        seconds: duration; 0 if not counted.
    """

    frames: int
    seconds: float


def check_video(
    source: Path | bytes,
    name: str,
    *,
    count_to: int | None = None,
    max_bytes: int = limits.MAX_VIDEO_INDEX_BYTES,
    max_s: float = limits.MAX_VIDEO_OPEN_S,
) -> VideoLength:
    """Open a video in a process of its own, and read it to its end if frames are to be counted.

    Args:
        source: path of a file, or the bytes of an upload, which are not copied.
        name: name for error messages.
        count_to: count the frames up to one more than this; None: do not count.
        max_bytes: memory that opening and reading may take.
        max_s: time that it may take.

    Raises:
        VideoError: it is not a video, is damaged, or exceeds a limit; or the server is busy.
        OSError: the process cannot be started.
    """
    request: dict[str, Any] = {"name": name, "count_to": count_to, "max_bytes": max_bytes}
    if isinstance(source, Path):
        check_is_file(source, name)
        # Resolved, for in the other process /dev/stdin is another file.
        request["path"], data = str(source.resolve()), b""
    else:
        request["size"], data = len(source), source
    if not _slots.acquire(timeout=limits.MAX_VIDEO_OPEN_S):
        raise VideoError("The server is busy: try again in a moment.")
    try:
        with closing(WorkerProcess(_WORKER)) as process, process.killed_after(max_s):
            answer = _ask(process, request, data)
            exit_code = None if answer else process.exit_code()
    finally:
        _slots.release()
    if "error" in answer:
        raise VideoError(answer["error"])
    if answer:
        return VideoLength(**answer)
    if exit_code == TOO_MUCH_MEMORY:
        raise VideoError(f"{name} takes too much memory to open. Export it again, or cut it.")
    if process.late:
        raise VideoError(f"{name} takes too long to read. Export it again, or cut it.")
    raise VideoError(f"{name} is not a video or is damaged. Choose another file.")


def _ask(process: WorkerProcess, request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Send a request, and the parts of the file as asked for.

    Returns:
        The answer; empty if the process ends before.
    """
    with suppress(OSError, EOFError), memoryview(data) as whole:
        process.send(json.dumps(request).encode() + b"\n")
        while "read" in (answer := process.answer()):
            start, size = answer["read"]
            process.send(whole[start : start + size])
        return answer
    return {}
