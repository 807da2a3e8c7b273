"""One file of an archive, wherever it is."""

from __future__ import annotations

import os
from dataclasses import dataclass

from realtime.bulk.schema import PHOTO, VIDEO
from realtime.media.pictures import SUFFIXES

VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".3gp", ".wmv",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file that was found.

    Attributes:
        path: path or address.
        kind: `PHOTO` or `VIDEO`, by the name.
        bytes: its size; None where the server does not say.
        modified_ns: when it was changed, since 1970; None where the server does not say.
        error: why it cannot be read, otherwise empty.
    """

    path: str
    kind: str
    bytes: int | None = None
    modified_ns: int | None = None
    error: str = ""


def is_remote(path: str) -> bool:
    """Whether this is an address, and not a path."""
    return "://" in path


def kind_of(path: str) -> str | None:
    """`PHOTO`, `VIDEO`, or None for a name that is of neither."""
    suffix = os.path.splitext(path.partition("?")[0] if is_remote(path) else path)[1].lower()
    return PHOTO if suffix in SUFFIXES else VIDEO if suffix in VIDEO_SUFFIXES else None
