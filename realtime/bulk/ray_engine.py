"""The Ray engine: the same workers, as actors of a cluster.

Paths travel to the actors and receipts back; pixels and rows never do. Parts are written by the
workers themselves, into a folder that all machines share. Ray's own checkpoints are not used: what
is done is what the parts say, to both engines, also after a part was deleted; and a batch that Ray
repeats, because its node was lost, replaces its own part.
"""

from __future__ import annotations

import logging
import os
import secrets
import tempfile
import weakref
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pyarrow as pa

from realtime.bulk.claim import Claim, Ticket
from realtime.bulk.engine import OnItem, Plan
from realtime.bulk.errors import BulkError
from realtime.bulk.job import Job
from realtime.bulk.manifest import Item, write_manifest
from realtime.bulk.worker_process import Receipt, WorkerProcess

OBJECT_STORE_BYTES = 200_000_000  # of a cluster that is started here: only receipts lie in it
_ENVIRONMENT = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"}


class RayWorker:
    """One worker of the cluster; Ray calls it with batches of a manifest.

    Args:
        job: how to analyse, as JSON.
        ticket: where parts go, and by what right.
    """

    def __init__(self, job: str, ticket: Ticket) -> None:
        self._worker = WorkerProcess(Job.from_json(job))
        self._ticket = ticket
        weakref.finalize(self, self._worker.close)

    def __call__(self, batch: pa.Table) -> pa.Table:
        """Analyse a batch and write its part.

        Args:
            batch: rows of a manifest.

        Returns:
            One row: the receipt.
        """
        folder = self._ticket.folder
        if not Path(folder).is_dir():
            raise BulkError(f"{folder} is not on this machine: share it among all nodes.")
        items = [Item(**row) for row in batch.to_pylist()]
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
        size: how many items go into a part.
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
            blocks = max(workers, -(-plan.todo // size))
            # Reading takes no core: otherwise the actors might hold all of them, and wait for it.
            rows = ray.data.read_parquet(str(todo), override_num_blocks=blocks, num_cpus=0)
            receipts = rows.map_batches(
                RayWorker,
                fn_constructor_args=(job.to_json(), claim.ticket),
                compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
                num_cpus=1,
                batch_size=size,
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
