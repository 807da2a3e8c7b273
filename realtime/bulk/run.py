"""A run: list the files, analyse what is missing, join the tracks; and what a run would take."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from realtime.bulk.analyst import Analyst
from realtime.bulk.claim import claim_folder
from realtime.bulk.engine import (
    OnItem,
    Plan,
    Totals,
    drop_errors,
    make_plan,
    shard_size,
    split,
)
from realtime.bulk.files import part_prefix
from realtime.bulk.job import Job
from realtime.bulk.local import run_local
from realtime.bulk.manifest import in_shard
from realtime.bulk.schema import PHOTO
from realtime.bulk.source_file import SourceFile
from realtime.bulk.sources import find_files
from realtime.bulk.tracks import write_tracks
from realtime.bulk.worker_process import Receipt

SAMPLE_ITEMS = 12  # analysed by a dry run, to estimate the time


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What is analysed, how, and where the results go.

    Attributes:
        sources: see `realtime.bulk.sources.find_files`.
        lines: what the source `-` stands for.
        folder: of the results.
        job: how each file is analysed.
        engine: "local" or "ray".
        workers: processes or actors.
        shard: I of N; this run takes a fixed N-th of the files.
        retry: whether files that failed before are analysed again.
    """

    sources: tuple[str, ...]
    folder: Path
    job: Job = field(default_factory=Job)
    lines: Iterable[str] = ()
    engine: str = "local"
    workers: int = 1
    shard: tuple[int, int] = (1, 1)
    retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a run would take.

    Attributes:
        plan: counts; its manifest is gone.
        photos: of the items that are to be analysed.
        segments: likewise.
        bytes: of their files, as far as known; a video counts once for each segment.
        seconds: on this machine, from `SAMPLE_ITEMS` of them; None without any.
    """

    plan: Plan
    photos: int
    segments: int
    bytes: int
    seconds: float | None


def run_archive(
    archive: Archive,
    *,
    on_plan: Callable[[Plan], None] = lambda _: None,
    on_item: OnItem = lambda: None,
    on_totals: Callable[[Totals], None] = lambda _: None,
) -> Totals:
    """Analyse everything that the result folder lacks.

    Args:
        archive: what, how and where.
        on_plan: called once the work is known.
        on_item: called for each item that is begun, in any thread.
        on_totals: called after each part.

    Raises:
        BulkError: the run cannot start or go on; the parts that were written stay.
        FaceStreamError: a network is missing.
        ModuleNotFoundError: an engine or a source needs a package that is not installed.
    """
    totals = Totals()
    with claim_folder(archive.folder, archive.shard) as claim:
        if archive.retry:
            drop_errors(archive.folder, archive.shard)
        files = _files(archive)
        plan = make_plan(files, archive.job, archive.folder, archive.shard)
        on_plan(plan)
        size = shard_size(plan.todo, archive.workers)
        if not plan.todo:
            receipts: Generator[Receipt, None, None] = _nothing()
        elif archive.engine == "ray":
            from realtime.bulk.ray_engine import run_ray

            receipts = run_ray(
                plan, archive.job, claim, workers=archive.workers, size=size, on_item=on_item
            )
        else:
            shards = split(plan.items(), size)
            receipts = run_local(
                shards, archive.job, claim, workers=archive.workers, on_item=on_item
            )
        with closing(receipts):
            for receipt in receipts:
                totals.add(receipt)
                on_totals(totals)
                if totals.superseded:
                    return totals
        name = f"tracks-{archive.shard[0]}-of-{archive.shard[1]}.parquet"
        prefix = part_prefix(archive.shard)
        write_tracks(archive.folder, prefix, plan.manifest, archive.folder / name)
    return totals


def _nothing() -> Generator[Receipt, None, None]:
    yield from ()


def _files(archive: Archive) -> Iterator[SourceFile]:
    return find_files(
        archive.sources,
        lines=archive.lines,
        without=archive.folder.resolve(),
        wanted=lambda path: in_shard(path, archive.shard),
    )


def estimate(archive: Archive) -> Estimate:
    """Count what a run would do, and time some of it; nothing is written.

    Raises:
        BulkError: a source is missing, or the result folder is damaged.
        FaceStreamError: a network is missing.
    """
    with tempfile.TemporaryDirectory(prefix="facestream-") as folder:
        files = _files(archive)
        plan = make_plan(files, archive.job, Path(folder), archive.shard, archive.folder)
        photos = segments = size = 0
        chosen = set(random.Random(0).sample(range(plan.todo), min(SAMPLE_ITEMS, plan.todo)))
        sample = []
        for k, item in enumerate(plan.items()):
            photos += item.kind == PHOTO
            segments += item.kind != PHOTO
            size += item.bytes or 0
            if k in chosen:
                sample.append(item)
    seconds = None
    if sample:
        with closing(Analyst(archive.job)) as analyst:
            start = perf_counter()
            for _ in analyst.rows(sample):
                pass
            mean_s = (perf_counter() - start) / len(sample)
        seconds = mean_s * plan.todo / archive.workers
    return Estimate(plan=plan, photos=photos, segments=segments, bytes=size, seconds=seconds)
