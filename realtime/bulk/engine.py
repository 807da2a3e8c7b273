"""What the engines share: the plan of a run, its shards, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from realtime.bulk.fetch import video_seconds
from realtime.bulk.files import part_prefix, read_columns, write_tables
from realtime.bulk.job import Job
from realtime.bulk.manifest import (
    Item,
    done_ids,
    items_of,
    missing_rows,
    read_items,
    write_manifest,
)
from realtime.bulk.schema import VIDEO, part_schema
from realtime.bulk.source_file import SourceFile
from realtime.bulk.worker_process import Receipt

OnItem = Callable[[], None]
MIN_SHARD, MAX_SHARD = 8, 256  # in photos; a killed run loses up to two shards a worker
SEGMENT_WEIGHT = 32  # a segment takes about as long as so many photos
SHARDS_PER_WORKER = 8  # so that all workers end at about the same time
MAX_ERRORS = 20  # kept for the report; the parts have all


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What a run has to do.

    Attributes:
        manifest: the manifest's file.
        missing: (n,) which of its rows are to be analysed.
        total: number of items, each counted once.
    """

    manifest: Path
    missing: NDArray[np.bool_]
    total: int

    @property
    def todo(self) -> int:
        """Number of items that are to be analysed."""
        return int(self.missing.sum())

    def items(self) -> Iterator[Item]:
        """These items, in the manifest's order."""
        return read_items(self.manifest, self.missing)


@dataclass(slots=True, kw_only=True)
class Totals:
    """What a run has done so far.

    Attributes:
        rows: number of items.
        faces: number of faces in them.
        failed_rows: number of items with an error.
        errors: path and sentence of the first `MAX_ERRORS` of these.
        superseded: whether a later run has taken over the folder.
    """

    rows: int = 0
    faces: int = 0
    failed_rows: int = 0
    errors: list[tuple[str, str]] = field(default_factory=list)
    superseded: bool = False

    def add(self, receipt: Receipt) -> None:
        """Count a shard."""
        if not receipt.written:
            self.superseded = True
            return
        self.rows += receipt.rows
        self.faces += receipt.faces
        self.failed_rows += receipt.failed_rows
        self.errors += receipt.errors[: MAX_ERRORS - len(self.errors)]


def make_plan(
    files: Iterable[SourceFile],
    job: Job,
    folder: Path,
    shard: tuple[int, int],
    results: Path | None = None,
) -> Plan:
    """List what there is, and compare it with the results.

    Args:
        files: the shard's files.
        job: how they are analysed.
        folder: where the manifest goes.
        shard: I of N.
        results: the folder of the parts, where it is another one.

    Raises:
        BulkError: a file of the folder is damaged, or the manifest cannot be written.
        FaceStreamError: a network is missing.
    """
    manifest = folder / manifest_name(shard)
    write_manifest(manifest, items_of(files, job.fingerprint(), video_seconds))
    return compare(manifest, results or folder, shard)


def drop_errors(folder: Path, shard: tuple[int, int]) -> int:
    """Remove the rows with an error from a shard's parts, so that they are analysed again.

    Returns:
        How many there were.

    Raises:
        BulkError: a part is damaged, or cannot be written.
    """
    dropped = 0
    for path in folder.glob(f"{part_prefix(shard)}*.parquet"):
        if not (failed := len(read_columns(path, ["error"])["error"].drop_null())):
            continue
        rows = read_columns(path, part_schema().names)
        good = rows.filter(rows["error"].is_null())
        if len(good):
            write_tables(path, part_schema(), [good])
        else:
            path.unlink()
        dropped += failed
    return dropped


def compare(manifest: Path, folder: Path, shard: tuple[int, int]) -> Plan:
    """The plan of a manifest that is written: what the shard's parts in a folder lack.

    Raises:
        BulkError: a file is damaged.
    """
    missing, total = missing_rows(manifest, done_ids(folder, part_prefix(shard)))
    return Plan(manifest=manifest, missing=missing, total=total)


def manifest_name(shard: tuple[int, int]) -> str:
    """The file of a shard's manifest."""
    return f"manifest-{shard[0]}-of-{shard[1]}.parquet"


def shard_size(todo: int, workers: int) -> int:
    """How many photos go into a part."""
    return min(MAX_SHARD, max(MIN_SHARD, todo // (SHARDS_PER_WORKER * workers)))


def split(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Cut items, in their order, into shards that take about as long as `size` photos."""
    shard: list[Item] = []
    weight = 0
    for item in items:
        shard.append(item)
        weight += SEGMENT_WEIGHT if item.kind == VIDEO else 1
        if weight >= size:
            yield shard
            shard, weight = [], 0
    if shard:
        yield shard
