"""Files at addresses: http(s) by the standard library, object stores through fsspec."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from typing import IO, Any, cast

from realtime.bulk.errors import BulkError
from realtime.bulk.schema import PHOTO
from realtime.bulk.source_file import SourceFile, kind_of

WEB = ("http", "https")
# Others that fsspec knows, such as file:// and ftp://, are left out: lists may be from outside.
STORES = ("s3", "gs", "az")
TIMEOUT_S = 30.0  # without an answer


def remote_files(address: str, wanted: Callable[[str], bool]) -> Iterator[SourceFile]:
    """The photos and videos at an address: a file, or in a store also a folder or a glob.

    A web server lists nothing: there, each file needs its own address.

    Raises:
        BulkError: such addresses are not supported, or need a package that is missing.
        ModuleNotFoundError: fsspec is missing.
    """
    if _protocol(address) in WEB:
        if wanted(address):
            yield _web_file(address)
        return
    store, path = _store(address)
    try:
        if "*" in path:
            found = store.glob(path, detail=True)
        elif kind_of(address) is None and store.isdir(path):
            found = store.find(path, detail=True)
        else:
            if wanted(address):
                yield _stored_file(address, store.info(path))
            return
    except Exception as error:  # fsspec's file systems raise nearly anything
        yield _unreadable(address, error)
        return
    for name in sorted(found):
        full = store.unstrip_protocol(name)
        if found[name].get("type") == "file" and kind_of(name) and wanted(full):
            yield _stored_file(full, found[name])


@contextmanager
def open_remote(address: str) -> Iterator[IO[bytes]]:
    """A file at an address, to read from its start.

    Raises:
        BulkError, ModuleNotFoundError: as `remote_files`.
        Exception: nearly any, where the file cannot be read; the message says why.
    """
    if _protocol(address) in WEB:
        with urllib.request.urlopen(address, timeout=TIMEOUT_S) as answer:
            yield cast(IO[bytes], answer)
    else:
        store, path = _store(address)
        with store.open(path, "rb") as file:
            yield file


def _protocol(address: str) -> str:
    protocol = address.partition("://")[0].lower()
    if protocol not in (*WEB, *STORES):
        known = ", ".join(f"{name}://" for name in (*STORES, *WEB))
        raise BulkError(f"{address}: {protocol}:// is not supported. Use a path or one of {known}.")
    return protocol


def _store(address: str) -> tuple[Any, str]:
    """The fsspec file system of an address, and the path in it."""
    import fsspec  # type: ignore[import-untyped]

    try:
        store, path = fsspec.core.url_to_fs(address)
    except (ImportError, ValueError) as error:  # "Install s3fs to access S3"
        raise BulkError(f"{address} cannot be opened: {str(error).rstrip('.')}.") from error
    return store, str(path)


def _web_file(address: str) -> SourceFile:
    request = urllib.request.Request(address, method="HEAD")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            size, date = answer.headers.get("Content-Length"), answer.headers.get("Last-Modified")
            modified = None if date is None else parsedate_to_datetime(date).timestamp()
    except (OSError, ValueError) as error:  # also urllib.error.URLError
        return _unreadable(address, error)
    return SourceFile(
        path=address,
        kind=kind_of(address) or PHOTO,
        bytes=int(size) if size and size.isdecimal() else None,
        modified_ns=None if modified is None else int(modified * 1e9),
    )


def _stored_file(address: str, info: dict[str, Any]) -> SourceFile:
    modified = info.get("LastModified") or info.get("mtime") or info.get("last_modified")
    seconds = getattr(modified, "timestamp", lambda: None)()
    return SourceFile(
        path=address,
        kind=kind_of(address) or PHOTO,
        bytes=info.get("size"),
        modified_ns=None if seconds is None else int(seconds * 1e9),
    )


def _unreadable(address: str, error: Exception) -> SourceFile:
    text = str(error).partition("\n")[0].rstrip(".") or type(error).__name__
    sentence = f"The file cannot be read ({text}). Check the address."
    return SourceFile(path=address, kind=kind_of(address) or PHOTO, error=sentence)
