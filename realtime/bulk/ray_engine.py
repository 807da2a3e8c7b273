"""The Ray engine: the same workers, as actors of a cluster.

Row numbers travel to the actors and receipts back; pixels and rows never do. Lists of items are
read, and parts written, by the workers themselves, in a folder that all machines share. Ray reads
nothing, as its tasks for reading would wait for a core while the actors hold all of them. Nor are
its checkpoints used: what is done is what the parts say, to both engines, also after a part was
deleted; and a shard that Ray repeats, because its node was lost, replaces its own part.
"""

from __future__ import annotations

import logging
import math
import os
import secrets
import tempfile
import weakref
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from realtime.bulk.claim import Claim, Ticket
from realtime.bulk.engine import OnItem, Plan, split
from realtime.bulk.errors import BulkError
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item, read_range, write_manifest
from realtime.bulk.worker_process import Receipt, WorkerProcess

OBJECT_STORE_BYTES = 200_000_000  # of a cluster that is started here: only receipts lie in it
MAX_BLOCKS = 10_000  # the driver holds them all; with more shards than that, a block has several
_ENVIRONMENT = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}


class RayWorker:
    """One worker of the cluster; Ray calls it with one shard at a time.

    Args:
        job: how to analyse, as JSON.
        ticket: where parts go, and by what right.
        manifest: what is to be analysed, on the shared folder.
    """

    def __init__(self, job: str, ticket: Ticket, manifest: str) -> None:
        self._worker = WorkerProcess(Job.from_json(job))
        self._ticket, self._manifest = ticket, Path(manifest)
        weakref.finalize(self, self._worker.close)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Analyse a shard and write its part.

        Args:
            batch: one row, of `shard_rows`.

        Returns:
            One row: the receipt.
        """
        folder = self._ticket.folder
        if not Path(folder).is_dir():
            raise BulkError(f"{folder} is not on this machine: share it among all nodes.")
        (rows,) = batch.to_pylist()
        items = read_range(self._manifest, rows["start"], rows["stop"])
        receipt = self._worker.analyze(items, self._ticket)
        return pa.table(
            {
                "rows": [receipt.rows],
                "faces": [receipt.faces],
                "failed_rows": [receipt.failed_rows],
                "paths": pa.array([[p for p, _ in receipt.errors]], pa.list_(pa.string())),
                "sentences": pa.array([[e for _, e in receipt.errors]], pa.list_(pa.string())),
                "written": [receipt.written],
            }
        )


def run_ray(
    plan: Plan,
    job: Job,
    claim: Claim,
    *,
    workers: int,
    size: int,
    on_item: OnItem = lambda: None,
) -> Generator[Receipt, None, None]:
    """Analyse what a plan lacks by the actors of a Ray cluster.

    The cluster is the one that this process has joined, else the one of RAY_ADDRESS, else one of
    this machine alone.

    Args:
        plan: what to do.
        job: how.
        claim: on the result folder, which all nodes share.
        workers: number of actors, one core each.
        size: how many photos go into a part.
        on_item: called for each item of a part that was written.

    Yields:
        What became of each part.

    Raises:
        BulkError: the cluster cannot be used, or a worker fails for good.
        ModuleNotFoundError: Ray is missing.
    """
    for name, value in _ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    import ray
    import ray.data

    started = not ray.is_initialized()
    try:
        if started:
            _join(ray, workers)
        ray.data.DataContext.get_current().enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.ERROR)
        # On the shared folder: the actors read it.
        with tempfile.TemporaryDirectory(prefix=".ray-", dir=claim.folder) as folder:
            todo = Path(folder) / "todo.parquet"
            write_manifest(todo, plan.items())
            shards = shard_rows(plan.items(), size)
            step = math.ceil(len(shards) / MAX_BLOCKS)
            blocks = [shards.slice(start, step) for start in range(0, len(shards), step)]
            receipts = ray.data.from_arrow(blocks).map_batches(
                RayWorker,
                fn_constructor_args=(job.to_json(), claim.ticket, str(todo)),
                # At once, not as Ray sees fit; where cores are missing, those that there are begin.
                compute=ray.data.ActorPoolStrategy(
                    min_size=1,
                    initial_size=workers,
                    max_size=workers,
                    max_tasks_in_flight_per_actor=2,
                ),
                num_cpus=1,
                batch_size=1,
                batch_format="pyarrow",
            )
            for row in receipts.iter_rows():
                for _ in range(row["rows"]):
                    on_item()
                errors = list(zip(row.pop("paths"), row.pop("sentences"), strict=True))
                yield Receipt(**row, errors=errors)
    except (ray.exceptions.RayError, ConnectionError) as error:
        raise BulkError(f"The cluster has failed: {_cause(error)}") from error
    finally:
        if started:
            ray.shutdown()


def shard_rows(items: Iterable[Item], size: int) -> pa.Table:
    """The shards of items as row numbers `start` and `stop`, a row for each shard.

    Args:
        items: in the manifest's order.
        size: how many photos go into a shard.
    """
    stops = np.cumsum([len(shard) for shard in split(items, size)], dtype=np.int64)
    return pa.table({"start": np.concatenate([[0], stops[:-1]]), "stop": stops})


def _join(ray: Any, workers: int) -> None:
    """Join the cluster of RAY_ADDRESS, or start one."""
    more: dict[str, Any] = {}
    if not os.environ.get("RAY_ADDRESS"):
        if "RAY_AUTH_TOKEN_PATH" not in os.environ:
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
        more = {
            "address": "local",
            "num_cpus": workers,
            "object_store_memory": OBJECT_STORE_BYTES,
            "include_dashboard": False,
        }
    ray.init(logging_level=logging.ERROR, log_to_driver=False, **more)


def _cause(error: BaseException) -> str:
    """The innermost sentence of an error that Ray has wrapped."""
    while (inner := getattr(error, "cause", None) or error.__cause__) is not None:
        error = inner
    return str(error).strip().partition("\n")[0] or type(error).__name__
