"""The files of an archive: from paths, folders, globs, stdin and addresses."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from realtime.bulk.errors import BulkError
from realtime.bulk.remote import remote_files
from realtime.bulk.schema import PHOTO
from realtime.bulk.source_file import SourceFile, is_remote, kind_of

STDIN = "-"
_GLOB = frozenset("*?[")
Wanted = Callable[[str], bool]


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


def _source(source: str, without: Path | None, wanted: Wanted) -> Iterator[SourceFile]:
    if is_remote(source):
        yield from remote_files(source, wanted)
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
