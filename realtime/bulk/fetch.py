"""Reading of an archive's files, from this machine or through fsspec."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from realtime.bulk.manifest import EPOCH, Item
from realtime.bulk.remote import open_remote
from realtime.bulk.source_file import SourceFile, is_remote
from realtime.media.limits import (
    MAX_LOCAL_VIDEO_INDEX_BYTES,
    MAX_PHOTO_FILE_BYTES,
    MAX_REMOTE_VIDEO_BYTES,
    MAX_VIDEO_FILE_S,
)
from realtime.media.video_check import check_video

_BLOCK_BYTES = 8 * 1024**2
_ALL = 10**9  # frames; a video ends before


class FetchError(ValueError):
    """A file cannot be read; the message is a sentence for its row."""


def check_unchanged(item: Item) -> None:
    """Check that a local file is still the one that was listed.

    Raises:
        FetchError: it is missing or was changed: its row would be another one's.
    """
    if is_remote(item.path) or item.modified is None:
        return
    try:
        stat = Path(item.path).stat()
    except OSError as error:
        raise FetchError(f"The file cannot be read ({error.strerror}).") from None
    modified_us = (item.modified - EPOCH) // timedelta(microseconds=1)
    if stat.st_size != item.bytes or stat.st_mtime_ns // 1000 != modified_us:
        raise FetchError("The file has changed since it was listed. Run the same command again.")


def read_remote(address: str) -> bytes:
    """A picture file from an address, of at most `MAX_PHOTO_FILE_BYTES`.

    Raises:
        FetchError: it cannot be read, or is larger.
    """
    try:
        with open_remote(address) as file:
            data: bytes = file.read(MAX_PHOTO_FILE_BYTES + 1)
    except Exception as error:  # fsspec's file systems raise nearly anything
        raise FetchError(_unreadable(error)) from None
    return data  # too many bytes are refused where they are decoded


@contextmanager
def local_video(path: str) -> Iterator[Path]:
    """A video as a file of this machine, for the block.

    Raises:
        FetchError: it cannot be read, or exceeds `MAX_REMOTE_VIDEO_BYTES`.
    """
    if not is_remote(path):
        yield Path(path)
        return
    with tempfile.TemporaryDirectory(prefix="facestream-") as folder:
        target, size = Path(folder, "video"), 0
        try:
            with open_remote(path) as source, target.open("wb") as file:
                while block := source.read(_BLOCK_BYTES):
                    size += len(block)
                    if size > MAX_REMOTE_VIDEO_BYTES:
                        break
                    file.write(block)
        except Exception as error:  # as above
            raise FetchError(_unreadable(error)) from None
        if size > MAX_REMOTE_VIDEO_BYTES:
            raise FetchError(
                f"The video is larger than {MAX_REMOTE_VIDEO_BYTES // 1024**3} GB. Copy it here."
            )
        yield target


def video_seconds(file: SourceFile) -> float:
    """The length of a video, read to its end in a process with limits, without decoding it.

    Raises:
        ValueError: it cannot be read; the message says why.
    """
    with local_video(file.path) as path:
        length = check_video(
            path,
            "The video",
            count_to=_ALL,
            max_bytes=MAX_LOCAL_VIDEO_INDEX_BYTES,
            max_s=MAX_VIDEO_FILE_S,
        )
    if not length.frames:
        raise FetchError("The video has no frames.")
    return length.seconds


def _unreadable(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0][:200] or type(error).__name__
    return f"The file cannot be read ({text})."
