"""Opening of videos in a process with limits, before the server itself opens them.

FFmpeg builds tables when it opens a file, from numbers that the file states: 24 bytes may stand for
ten million frames, which take 700 MB. What takes too much ends the process in
`realtime.media.video_check_worker`; what passes costs the server no more than it cost there.
"""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from realtime.media import limits
from realtime.media.video_check_worker import TOO_MUCH_MEMORY
from realtime.media.video_file import VideoError
from realtime.media.worker_process import worker_command, worker_environment

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
    if not _slots.acquire(timeout=limits.MAX_VIDEO_OPEN_S):
        raise VideoError("The server is busy: try again in a moment.")
    end_s = time.monotonic() + max_s
    request: dict[str, Any] = {"name": name, "count_to": count_to, "max_bytes": max_bytes}
    try:
        with _worker(max_s) as process:
            if isinstance(source, Path):
                answer = _ask(process, request | {"path": str(source)}, b"")
            else:
                answer = _ask(process, request | {"size": len(source)}, source)
    finally:
        _slots.release()
    if "error" in answer:
        raise VideoError(answer["error"])
    if answer:
        return VideoLength(**answer)
    if process.returncode == TOO_MUCH_MEMORY:
        raise VideoError(f"{name} takes too much memory to open. Export it again, or cut it.")
    if time.monotonic() >= end_s:
        raise VideoError(f"{name} takes too long to read. Export it again, or cut it.")
    raise VideoError(f"{name} is not a video or is damaged. Choose another file.")


@contextmanager
def _worker(max_s: float) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block, and after `max_s` at the latest."""
    process = subprocess.Popen(
        worker_command("realtime.media.video_check_worker"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # libraries complain there about damaged files
        env=worker_environment(),
    )
    timer = threading.Timer(max(0.0, max_s), process.kill)
    timer.daemon = True
    timer.start()
    try:
        yield process
    finally:
        timer.cancel()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                cast(IO[bytes], pipe).close()


def _ask(process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """Send a request, and the parts of the file as asked for.

    Returns:
        The answer; empty if the process ends before.
    """
    to, answers = cast(IO[bytes], process.stdin), cast(IO[bytes], process.stdout)
    with suppress(OSError), memoryview(data) as whole:
        to.write(json.dumps(request).encode() + b"\n")
        to.flush()
        while (line := answers.readline()).endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            if "read" not in answer:
                return answer
            start, size = answer["read"]
            to.write(whole[start : start + size])
            to.flush()
    process.wait()
    return {}
