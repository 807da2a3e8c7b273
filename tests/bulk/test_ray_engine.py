"""The Ray engine, on clusters of two nodes on this machine: the same rows as the local one."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from realtime.bulk import ray_engine
from realtime.bulk.engine import Totals
from realtime.bulk.errors import BulkError
from realtime.bulk.run import Archive, run_archive
from tests.bulk.conftest import Analysed, all_rows

pytestmark = [pytest.mark.serial, pytest.mark.timeout(600)]  # of which Ray's start is the most
TOKEN = secrets.token_hex(16)  # Ray reads it once a process
NODE = {"num_cpus": 1, "object_store_memory": 80_000_000}


@pytest.fixture
def cluster() -> Iterator[Any]:
    """Two nodes of one core each, joined by this process."""
    os.environ |= {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": TOKEN,
        "RAY_USAGE_STATS_ENABLED": "0",
    }
    import ray
    from ray.cluster_utils import Cluster

    nodes = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    nodes.add_node(**NODE)
    nodes.wait_for_nodes()
    ray.init(address=nodes.address, log_to_driver=False, logging_level="ERROR")
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture
def archive(analysed: Analysed, tmp_path: Path) -> Archive:
    """The session's archive, yet to be analysed by Ray."""
    return Archive(
        sources=(str(analysed.sources),),
        folder=tmp_path / "out",
        job=analysed.job,
        engine="ray",
        workers=2,
    )


@pytest.mark.usefixtures("cluster")
def test_both_engines_give_the_same_rows_and_go_on_with_each_others(
    analysed: Analysed, archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ray

    both = tmp_path / "both"

    class Waiting(ray_engine.RayWorker):
        """Begins its first shard when no core of the cluster is left: when all actors are there."""

        def __call__(self, batch: pa.Table) -> pa.Table:
            until = time.monotonic() + 120
            while not both.exists():
                if ray.available_resources().get("CPU", 0) == 0:
                    both.touch()
                elif time.monotonic() > until:
                    raise BulkError("An actor waits alone.")
                time.sleep(0.1)
            return super().__call__(batch)

    monkeypatch.setattr(ray_engine, "RayWorker", Waiting)
    begun, reported = [], []
    totals = run_archive(
        archive,
        on_item=lambda: begun.append(1),
        on_totals=lambda so_far: reported.append(so_far.rows),
    )
    assert len(begun) == totals.rows
    assert reported[0] < totals.rows  # after each part, not at the end
    assert both.exists()
    local = all_rows(analysed.folder)
    assert all_rows(archive.folder).equals(local)
    assert totals.failed_rows == 1
    assert totals.errors[0][0].endswith("bad.jpg")

    assert len([node for node in ray.nodes() if node["Alive"]]) == 2
    # Either engine goes on where the other has stopped.
    sorted(archive.folder.glob("part-*"))[0].unlink()
    again = run_archive(replace(archive, engine="local"))
    assert 0 < again.rows < totals.rows
    assert all_rows(archive.folder).equals(local)


def test_a_lost_node_costs_no_rows_and_more_workers_than_cores_no_time(
    cluster: Any, analysed: Analysed, archive: Archive
) -> None:
    lost = list(cluster.worker_nodes)

    def lose(_: Totals) -> None:
        if lost:
            cluster.remove_node(lost.pop(), allow_graceful=False)

    totals = run_archive(replace(archive, workers=5), on_totals=lose)
    assert not lost
    assert totals.failed_rows == 1
    assert all_rows(archive.folder).equals(all_rows(analysed.folder))
