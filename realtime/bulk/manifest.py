"""The manifest: a Parquet file with a row for each photo and each segment of a video.

It is written and read a block at a time, so that a million rows take little memory.
"""

from __future__ import annotations

import hashlib
import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from realtime.bulk.errors import BulkError
from realtime.bulk.files import atomic_parquet, read_columns
from realtime.bulk.schema import VIDEO, manifest_schema
from realtime.bulk.source_file import SourceFile

EPOCH = datetime(1970, 1, 1)
SEGMENT_S = 20.0
MAX_SEGMENTS = 30_240  # of one video: a week
BLOCK_ROWS = 16_384
ID_CHARACTERS = 24  # 96 bits: a collision among 10^8 items has a chance of 10^-13
_LOOK_AHEAD = 8  # videos whose length is measured while others are written
VideoSeconds = Callable[[SourceFile], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of a manifest; see `realtime.bulk.schema`.

    Attributes:
        item_id: a hash of everything that decides on the result.
        path: of the file, or its address.
        kind: `PHOTO` or `VIDEO`.
        bytes: of the file.
        modified: when it was changed, in UTC.
        start_s: where the segment starts, in seconds from the video's start.
        end_s: where it ends; None for a photo.
        error: why the file cannot be analysed; None where it can be tried.
    """

    item_id: str
    path: str
    kind: str
    bytes: int | None = None
    modified: datetime | None = None
    start_s: float | None = None
    end_s: float | None = None
    error: str | None = None

    def row(self) -> dict[str, Any]:
        """The item as a row of a manifest or part."""
        return asdict(self)


def items_of(
    files: Iterable[SourceFile], fingerprint: str, video_seconds: VideoSeconds
) -> Iterator[Item]:
    """The items of files, in the files' order; the lengths of videos are measured beside.

    Args:
        files: what was found.
        fingerprint: of the job, see `realtime.bulk.job.Job`.
        video_seconds: measures a video; what it raises as `ValueError` becomes the error.
    """
    waiting = deque[SourceFile | tuple[SourceFile, Future[float]]]()

    def first() -> Iterator[Item]:
        entry = waiting.popleft()
        if isinstance(entry, SourceFile):
            yield _item(entry, fingerprint)
            return
        file, length = entry
        try:
            yield from _segments(file, length.result(), fingerprint)
        except ValueError as error:
            yield _item(replace(file, error=str(error)), fingerprint)

    with ThreadPoolExecutor(2, "video-length") as pool:
        videos = 0
        for file in files:
            if file.kind == VIDEO and not file.error:
                waiting.append((file, pool.submit(video_seconds, file)))
                videos += 1
            elif waiting:
                waiting.append(file)
            else:
                yield _item(file, fingerprint)
            while waiting and (videos > _LOOK_AHEAD or isinstance(waiting[0], SourceFile)):
                videos -= not isinstance(waiting[0], SourceFile)
                yield from first()
        while waiting:
            yield from first()


def in_shard(path: str, shard: tuple[int, int]) -> bool:
    """Whether a file belongs to shard I of N, from 1; all segments of a video do, or none.

    The path decides, not the content: a file that was changed stays in its shard, and a video's
    tracks are joined where its segments were analysed.
    """
    digest = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % shard[1] == shard[0] - 1


def write_manifest(path: Path, items: Iterable[Item]) -> int:
    """Write the items, a block at a time.

    Returns:
        How many there are.

    Raises:
        BulkError: the file cannot be written.
    """
    schema, total = manifest_schema(), 0
    with atomic_parquet(path, schema) as writer:
        block: list[Item] = []
        for item in items:
            block.append(item)
            if len(block) == BLOCK_ROWS:
                writer.write_table(_table(block, schema))
                total, block = total + len(block), []
        if block:
            writer.write_table(_table(block, schema))
    return total + len(block)


def done_ids(folder: Path, prefix: str = "part-") -> NDArray[np.bytes_]:
    """The ids (n,) of all items in those parts of a result folder, sorted.

    Args:
        folder: of the results.
        prefix: of the parts' names.

    Raises:
        BulkError: a part is damaged.
    """
    files = folder.glob(f"{prefix}*.parquet")
    parts = [_ids(read_columns(path, ["item_id"])["item_id"]) for path in files]
    return np.sort(np.concatenate([*parts, np.empty(0, f"S{ID_CHARACTERS}")]))


def missing_rows(manifest: Path, done: NDArray[np.bytes_]) -> tuple[NDArray[np.bool_], int]:
    """What of a manifest is to be analysed.

    Args:
        manifest: n rows; a file that two sources have is there twice.
        done: sorted ids.

    Returns:
        (n,) which rows are neither done nor a repetition, and the number of different items.

    Raises:
        BulkError: the manifest is damaged.
    """
    ids = _ids(read_columns(manifest, ["item_id"])["item_id"])
    missing = np.zeros(len(ids), np.bool_)
    unique, first = np.unique(ids, return_index=True)
    place = np.searchsorted(done, unique)
    found = np.zeros(len(unique), np.bool_)
    within = place < len(done)
    found[within] = done[place[within]] == unique[within]
    missing[first[~found]] = True
    return missing, len(unique)


def read_items(manifest: Path, rows: NDArray[np.bool_]) -> Iterator[Item]:
    """The chosen rows (n,) of a manifest as items, a block at a time."""
    start = 0
    with pq.ParquetFile(manifest) as file:
        for batch in file.iter_batches(BLOCK_ROWS):
            chosen = pa.array(rows[start : start + len(batch)])
            start += len(batch)
            for row in batch.filter(chosen).to_pylist():
                yield Item(**row)


def read_range(manifest: Path, start: int, stop: int) -> list[Item]:
    """Some rows of a manifest as items; only the blocks that have them are read.

    Raises:
        BulkError: the manifest is missing or damaged.
    """
    first = start // BLOCK_ROWS
    blocks = range(first, math.ceil(stop / BLOCK_ROWS))
    try:
        with pq.ParquetFile(manifest) as file:
            table = file.read_row_groups(list(blocks))
    except (OSError, pa.ArrowException) as error:
        raise BulkError(f"{manifest} cannot be read: {error}") from error
    rows = table.slice(start - first * BLOCK_ROWS, stop - start).to_pylist()
    return [Item(**row) for row in rows]


def _item(
    file: SourceFile, fingerprint: str, span_s: tuple[float, float | None] | None = None
) -> Item:
    key = f"{fingerprint}\0{file.path}\0{file.bytes}\0{file.modified_ns}\0{span_s}\0{file.error}"
    name = key.encode("utf-8", "surrogateescape")
    start_s, end_s = span_s or (None, None)
    error = file.error
    if not file.path.isprintable() and "\udc80" <= max(file.path) <= "\udcff":
        error = "The name of the file is not in UTF-8. Rename it."
    return Item(
        item_id=hashlib.blake2b(name, digest_size=ID_CHARACTERS // 2).hexdigest(),
        path=file.path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
        kind=file.kind,
        bytes=file.bytes,
        modified=_date(file.modified_ns),
        start_s=start_s,
        end_s=end_s,
        error=error or None,
    )


def _date(modified_ns: int | None) -> datetime | None:
    if modified_ns is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=modified_ns // 1000)
    except OverflowError:  # before the year 1 or after 9999
        return None


def _segments(file: SourceFile, seconds: float, fingerprint: str) -> Iterator[Item]:
    count = max(1, math.ceil(seconds / SEGMENT_S))
    if count > MAX_SEGMENTS:
        raise ValueError("The video is longer than a week. Cut it into parts.")
    for k in range(count):
        # The last one takes what follows: a length is only as good as the file's time stamps.
        end_s = (k + 1) * SEGMENT_S if k + 1 < count else None
        yield _item(file, fingerprint, (k * SEGMENT_S, end_s))


def _table(items: list[Item], schema: pa.Schema) -> pa.Table:
    # Column by column: three times as fast as from dictionaries.
    columns = zip(*map(attrgetter(*schema.names), items), strict=True)
    arrays = [pa.array(column, f.type) for column, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _ids(column: pa.ChunkedArray) -> NDArray[np.bytes_]:
    # Without copies or Python strings: there may be a hundred million.
    if not len(column):
        return np.empty(0, f"S{ID_CHARACTERS}")
    fixed = column.combine_chunks().cast(pa.binary()).cast(pa.binary(ID_CHARACTERS))
    data = np.frombuffer(fixed.buffers()[1], f"S{ID_CHARACTERS}")
    return data[fixed.offset : fixed.offset + len(fixed)]
