"""Questions about an archive of a million photos: one photo's row, again and again."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow as pa

from benchmarks.bulk_plan import simulated
from realtime.bulk.analyst import Analyst
from realtime.bulk.ask import Results
from realtime.bulk.engine import MAX_SHARD, manifest_name
from realtime.bulk.files import write_tables
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item, items_of, write_manifest
from realtime.bulk.schema import part_schema, part_table
from realtime.bulk.sources import find_files
from realtime.bulk.summary import FaceFilter, face_cards, histograms, overview

COPIED = ("item_id", "path", "modified", "bytes")  # the other columns are the photo's


def measure_questions(photo: Path, job: Job, rows: int) -> dict[str, Any]:
    """Seconds of what the page Archive asks.

    Args:
        photo: whose row is repeated.
        job: how it is analysed.
        rows: how many photos there are.
    """
    with tempfile.TemporaryDirectory(prefix="facestream-questions-") as name:
        folder = Path(name)
        (item,) = items_of(find_files([str(photo)]), "", lambda _: 0.0)
        (row,) = Analyst(job).rows([item])
        items = items_of(simulated(rows), "", lambda _: 0.0)
        write_manifest(folder / manifest_name((1, 1)), items)
        items = items_of(simulated(rows), "", lambda _: 0.0)
        base = part_table([row] * MAX_SHARD)
        for k, block in enumerate(_blocks(items)):
            write_tables(folder / f"part-{k:08d}.parquet", part_schema(), [_renamed(base, block)])
        times: dict[str, float] = {}
        chosen = FaceFilter(labels={"mask": "without_mask"}, min_side_px=40)
        with Results(folder) as results:
            questions: dict[str, Callable[[], object]] = {
                "overview_s": lambda: overview(results),
                "histograms_s": lambda: histograms(results, chosen),
                "faces_s": lambda: face_cards(results, chosen, first=240, count=25),
            }
            for question, ask in questions.items():
                start = perf_counter()
                ask()
                times[question] = perf_counter() - start
    return {"rows": rows, **times}


def _blocks(items: Iterator[Item]) -> Iterator[list[Item]]:
    while block := list(islice(items, MAX_SHARD)):
        yield block


def _renamed(base: pa.Table, items: list[Item]) -> pa.Table:
    """The rows of `base`, as those of these items."""
    table = base.slice(0, len(items))
    for name in COPIED:
        k = table.schema.get_field_index(name)
        values = pa.array([getattr(item, name) for item in items], table.schema.field(k).type)
        table = table.set_column(k, table.schema.field(k), values)
    return table
