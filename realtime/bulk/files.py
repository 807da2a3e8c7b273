"""Files of a result folder that appear under their names only once they are complete."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from realtime.bulk.errors import BulkError

PARTS = "part-*.parquet"
TEMPORARY = ".tmp"


def part_prefix(shard: tuple[int, int]) -> str:
    """How the names of the parts of shard I of N begin: a run reads its own alone."""
    return "part-" if shard[1] == 1 else f"part-{shard[0]}-of-{shard[1]}-"


@contextmanager
def atomic_parquet(
    path: Path, schema: pa.Schema, may_write: Callable[[], bool] = lambda: True
) -> Iterator[Any]:
    """Write a Parquet file under a temporary name, and rename it once it is on the disk.

    The block may raise: then there is neither the file nor the temporary one.

    Args:
        path: the file.
        schema: its columns.
        may_write: asked just before the file appears; False: it does not.

    Raises:
        BulkError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    try:
        with temporary.open("wb") as file:
            writer: Any = pq.ParquetWriter(file, schema, compression="zstd")
            with writer:
                yield writer
            file.flush()
            os.fsync(file.fileno())
        if may_write():
            temporary.replace(path)
            sync_folder(path.parent)
    except OSError as error:
        raise BulkError(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        temporary.unlink(missing_ok=True)


def write_tables(
    path: Path,
    schema: pa.Schema,
    tables: Iterable[pa.Table],
    *,
    may_write: Callable[[], bool] = lambda: True,
) -> bool:
    """Write tables, one after the other, as such a file.

    Args:
        path: the file.
        schema: of all tables.
        tables: its rows.
        may_write: asked last, before the file appears.

    Returns:
        Whether it was written.

    Raises:
        BulkError: the file cannot be written.
    """
    written = False

    def decide() -> bool:
        nonlocal written
        written = may_write()
        return written

    with atomic_parquet(path, schema, decide) as writer:
        for table in tables:
            writer.write_table(table)
    return written


def sync_folder(folder: Path) -> None:
    """Have new names in a folder survive a loss of power, where the system can (POSIX)."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def read_columns(path: Path, columns: list[str]) -> Any:
    """Some columns of a Parquet file, as a table.

    Raises:
        BulkError: it is damaged or not one of ours.
    """
    try:
        with pq.ParquetFile(path) as file:
            return file.read(columns=columns)
    except (OSError, pa.ArrowException, KeyError) as error:
        raise BulkError(f"{path} is damaged: delete it, and run the same command again.") from error
