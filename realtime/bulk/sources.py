"""The files of an archive: from paths, folders, globs, stdin and addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from realtime.bulk.errors import BulkError
from realtime.bulk.schema import PHOTO, VIDEO
from realtime.media.pictures import SUFFIXES

VIDEO_SUFFIXES = (
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".3gp", ".wmv",
)  # fmt: skip
# Others that fsspec knows, such as file:// and ftp://, are left out: sources may be from outside.
PROTOCOLS = ("s3", "http", "https", "gs", "az")
STDIN = "-"
_GLOB = frozenset("*?[")
Wanted = Callable[[str], bool]


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


def find_files(
    sources: Iterable[str],
    *,
    lines: Iterable[str] = (),
    without: Path | None = None,
    wanted: Wanted = lambda _: True,
) -> Iterator[SourceFile]:
    """All photos and videos of the sources, each source in the order of its names.

    A file named alone is taken whatever its name is; in folders and globs, only names of photos
    and videos count. Links to folders are not followed, so that a walk ends.

    Args:
        sources: files, folders, globs, addresses; `STDIN` stands for `lines`.
        lines: one file, folder, glob or address each.
        without: a folder that is passed over: the results'.
        wanted: asked for each path; the others are not even looked at.

    Raises:
        BulkError: a folder is missing or a glob matches nothing, or an address is of a kind
            that is not supported.
        ModuleNotFoundError: an address needs fsspec.
    """
    for source in sources:
        if source == STDIN:
            named = (line.rstrip("\n") for line in lines)
            for name in named:
                if name:
                    yield from _source(name, without, wanted)
        else:
            yield from _source(source, without, wanted)


def is_remote(path: str) -> bool:
    """Whether this is an address, and not a path."""
    return "://" in path


def kind_of(path: str) -> str | None:
    """`PHOTO`, `VIDEO`, or None for a name that is of neither."""
    suffix = os.path.splitext(path.partition("?")[0] if is_remote(path) else path)[1].lower()
    return PHOTO if suffix in SUFFIXES else VIDEO if suffix in VIDEO_SUFFIXES else None


def remote_filesystem(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it.

    Raises:
        BulkError: the protocol is not supported, or its package is missing.
        ModuleNotFoundError: fsspec is missing.
    """
    protocol = address.partition("://")[0]
    if protocol not in PROTOCOLS:
        raise BulkError(
            f"{address}: {protocol}:// is not supported. Use a path or one of "
            f"{', '.join(f'{name}://' for name in PROTOCOLS)}."
        )
    import fsspec

    try:
        return fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:  # "Install s3fs to access S3"
        raise BulkError(f"{address} cannot be opened: {str(error).rstrip('.')}.") from error


def _source(source: str, without: Path | None, wanted: Wanted) -> Iterator[SourceFile]:
    if is_remote(source):
        yield from _remote(source, wanted)
    elif os.path.isdir(source):
        yield from _folder(source, without, wanted)
    elif _GLOB & set(source) and not os.path.exists(source):
        found = False
        for path in sorted(glob.iglob(source, recursive=True)):
            found = True
            if not wanted(path) or _inside(path, without):
                continue
            if os.path.isfile(path) and kind_of(path):
                yield _file(path)
        if not found:
            raise BulkError(f"{source} matches no file. Check the pattern.")
    elif wanted(source):
        yield _file(source)


def _folder(folder: str, without: Path | None, wanted: Wanted) -> Iterator[SourceFile]:
    errors: list[OSError] = []
    for root, folders, names in os.walk(folder, onerror=errors.append):
        folders.sort()
        if without is not None:
            folders[:] = [name for name in folders if Path(root, name).resolve() != without]
        for name in sorted(names):
            path = os.path.join(root, name)
            if kind_of(name) and wanted(path):
                yield _file(path)
    for failed in errors:
        reason = f"The folder cannot be read ({failed.strerror}). Check its permissions."
        yield SourceFile(path=str(failed.filename), kind=PHOTO, error=reason)


def _file(path: str) -> SourceFile:
    kind = kind_of(path) or PHOTO
    try:
        stat = os.stat(path)
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        reason = "File not found" if missing else f"The file cannot be read ({error.strerror})"
        return SourceFile(path=path, kind=kind, error=f"{reason}. Check the path.")
    return SourceFile(path=path, kind=kind, bytes=stat.st_size, modified_ns=stat.st_mtime_ns)


def _inside(path: str, folder: Path | None) -> bool:
    return folder is not None and Path(path).resolve().is_relative_to(folder)


def _remote(address: str, wanted: Wanted) -> Iterator[SourceFile]:
    filesystem, path = remote_filesystem(address)
    try:
        if "*" in address:
            found = filesystem.glob(path, detail=True)
        elif kind_of(address) is None and filesystem.isdir(path):
            found = filesystem.find(path, detail=True)
        else:
            if wanted(address):
                yield _remote_file(address, filesystem.info(path))
            return
    except Exception as error:  # fsspec's file systems raise nearly anything
        text = str(error).partition("\n")[0] or type(error).__name__
        yield SourceFile(
            path=address, kind=kind_of(address) or PHOTO, error=f"It cannot be read ({text})."
        )
        return
    for name in sorted(found):
        full = filesystem.unstrip_protocol(name)
        if found[name].get("type") == "file" and kind_of(name) and wanted(full):
            yield _remote_file(full, found[name])


def _remote_file(address: str, info: dict[str, Any]) -> SourceFile:
    modified = info.get("LastModified") or info.get("mtime") or info.get("updated")
    seconds = getattr(modified, "timestamp", lambda: None)()
    return SourceFile(
        path=address,
        kind=kind_of(address) or PHOTO,
        bytes=info.get("size"),
        modified_ns=None if seconds is None else int(seconds * 1e9),
    )
